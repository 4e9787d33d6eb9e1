import type { EngineLoaders } from "./engine-loader.js";

/** The engines of this package. Each is imported with the first model that needs it, and brings its native code then. */
export const defaultEngines: EngineLoaders = {
  tensorflow: async (request) => {
    const { loadTensorflowModel } = await import("../engine/load-tensorflow-model.js");
    return loadTensorflowModel(request);
  },
  pytorch: async (request) => {
    const { loadTorchModel } = await import("../engine/load-torch-model.js");
    return loadTorchModel(request);
  },
};
