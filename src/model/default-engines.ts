import { isolation } from "../config/isolation.js";
import { pythonPlatform } from "../config/python-platform.js";
import type { EngineLoadRequest } from "../engine/engine-load-request.js";
import type { EngineModel } from "../engine/engine-model.js";
import { inProcessLoader } from "../engine/in-process-loaders.js";
import type { EngineLoaders } from "./engine-loader.js";

/** The engines of this package. Each is imported with the first model that needs it, and brings its native code then. */
export const defaultEngines: EngineLoaders = {
  tensorflow: load,
  pytorch: load,
  python: load,
};

async function load(request: EngineLoadRequest): Promise<EngineModel> {
  if (isolation(request.config) === "none") return (await inProcessLoader(request.config))(request);
  if (pythonPlatform(request.config) === "pytorch") {
    const { loadPythonModel } = await import("../engine/load-python-model.js");
    return loadPythonModel(request);
  }
  const { loadIsolatedModel } = await import("../engine/load-isolated-model.js");
  return loadIsolatedModel(request);
}
