import type { ModelConfig } from "../../src/config/model-config.js";
import { normalise } from "../../src/config/normalise.js";
import { readModelConfig } from "../../src/config/read-model-config.js";

/** A configuration for tests of the layers above it: `text` as in config.pbtxt, defaults made explicit. */
export function modelConfig(text: string): ModelConfig {
  return normalise(readModelConfig(text, "config.pbtxt"), []);
}

/** One FP32 input `x` and one FP32 output `y` of two elements, batches of up to 4. */
export const doubleConfig = `
  name: "double" backend: "tensorflow" platform: "tensorflow_graphdef"
  max_batch_size: 4
  input { name: "x" data_type: TYPE_FP32 dims: 2 }
  output { name: "y" data_type: TYPE_FP32 dims: 2 }
`;
