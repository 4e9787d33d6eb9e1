import type { ModelConfig } from "../config/model-config.js";
import type { EngineLoadRequest } from "./engine-load-request.js";
import type { EngineModel } from "./engine-model.js";

type Loader = (request: EngineLoadRequest) => Promise<EngineModel>;

/** What loads a model into this process, by its platform. Imported with the first model that needs it. */
export async function inProcessLoader({ platform }: ModelConfig): Promise<Loader> {
  if (platform.startsWith("tensorflow_")) {
    return (await import("./load-tensorflow-model.js")).loadTensorflowModel;
  }
  if (platform === "torch_aoti") return (await import("./load-aoti-model.js")).loadAotiModel;
  return (await import("./load-torch-model.js")).loadTorchModel;
}
