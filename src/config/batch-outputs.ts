import type { BatchOutput, ModelConfig } from "./model-config.js";

/** The `batch_output` that cuts an output: the model gives all requests' elements of it in one flat list. */
export function batchOutputOf({ batchOutput }: ModelConfig, output: string): BatchOutput | undefined {
  return batchOutput.find(({ targetName }) => targetName.includes(output));
}
