import { Code, ServingError } from "../inference/serving-error.js";
import { checkTorchTensors, torchDataTypes } from "./check-torch-config.js";
import type { DataTypeName, ModelConfig } from "./model-config.js";

/** Data types of a Python model's tensors: torch has no tensors of strings. */
export const pythonDataTypes: ReadonlySet<DataTypeName> = new Set(
  [...torchDataTypes].filter((dataType) => dataType !== "TYPE_STRING"),
);

/**
 * Checks what can be checked of a PyTorch model's configuration that runs in Python without the model. Nothing of it can
 * be completed: inputs are the arguments of `forward` in the order of the configuration, outputs what it returns.
 *
 * @throws {ServingError} INVALID_ARGUMENT, with the reference's texts: no inputs, no outputs, a data type that torch lacks;
 *   UNIMPLEMENTED for ragged inputs, `batch_input`, `batch_output` and libraries of custom operations
 */
export function checkPythonConfig(config: ModelConfig): void {
  checkTorchTensors(config, pythonDataTypes);
  const ragged = config.input.find(({ allowRaggedBatch }) => allowRaggedBatch);
  if (ragged !== undefined) throw unsupported(config, `'input.allow_ragged_batch' ('${ragged.name}')`);
  if (config.batchInput.length > 0) throw unsupported(config, "'batch_input'");
  if (config.batchOutput.length > 0) throw unsupported(config, "'batch_output'");
}

function unsupported({ name }: ModelConfig, what: string): ServingError {
  return new ServingError(
    Code.UNIMPLEMENTED,
    `model '${name}': ${what} is not supported for PyTorch models in Python: requests are concatenated along their ` +
      "first dimension",
  );
}
