import { Code, ServingError } from "../inference/serving-error.js";
import type { EngineLoaders } from "./engine-loader.js";

/** The engines of this package. Each is imported with the first model that needs it, and brings its native code then. */
export const defaultEngines: EngineLoaders = {
  tensorflow: async () => {
    throw new ServingError(Code.UNIMPLEMENTED, "the TensorFlow engine is not there yet");
  },
  pytorch: async () => {
    throw new ServingError(Code.UNIMPLEMENTED, "the PyTorch engine is not there yet");
  },
};
