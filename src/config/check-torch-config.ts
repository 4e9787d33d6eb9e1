import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";
import { batchOutputOf } from "./batch-outputs.js";
import type { DataTypeName, ModelConfig, ModelInput, ModelOutput } from "./model-config.js";
import { sequenceControls } from "./sequence-controls.js";

/**
 * Checks what can be checked of a TorchScript model's configuration without the model. It cannot be completed from
 * the model: a module does not say its data types and shapes.
 *
 * @throws {ServingError} INVALID_ARGUMENT: a data type that torch lacks, strings of more than one dimension; UNIMPLEMENTED
 * for libraries of custom operations, which are TensorFlow's
 */
export function checkTorchConfig(config: ModelConfig): void {
  checkDataTypes(config, torchDataTypes);
  for (const direction of ["input", "output"] as const) {
    for (const tensor of config[direction]) checkStrings(config, tensor, direction);
  }
  for (const { name, dataType } of sequenceControls(config)) {
    if (!torchDataTypes.has(dataType)) {
      throw invalidArgument(`input '${name}' type '${dataType}' is not supported by PyTorch.`);
    }
  }
}

/**
 * Checks what is the same for all of PyTorch's models. (Of a TorchScript model, missing inputs and outputs are refused with
 * the module's signature: `bindTorchModel`.)
 *
 * @throws {ServingError} INVALID_ARGUMENT: no inputs, no outputs, a data type that is not in `dataTypes`; UNIMPLEMENTED for
 *   libraries of custom operations, which are TensorFlow's
 */
export function checkTorchTensors(config: ModelConfig, dataTypes: ReadonlySet<DataTypeName>): void {
  for (const direction of ["input", "output"] as const) {
    if (config[direction].length > 0) continue;
    throw invalidArgument(`model configuration must contain at least one ${direction}, none were specified.`);
  }
  checkDataTypes(config, dataTypes);
}

function checkDataTypes(config: ModelConfig, dataTypes: ReadonlySet<DataTypeName>): void {
  for (const direction of ["input", "output"] as const) {
    for (const { name, dataType } of config[direction]) {
      if (dataTypes.has(dataType)) continue;
      throw invalidArgument(
        `unsupported datatype ${dataType} for ${direction} '${name}' for model '${config.name}'`,
      );
    }
  }
  const [library] = config.modelOperations?.opLibraryFilename ?? [];
  if (library === undefined) return;
  throw new ServingError(
    Code.UNIMPLEMENTED,
    `model '${config.name}': 'model_operations.op_library_filename' ('${library}') is not supported for PyTorch models`,
  );
}

function checkStrings(
  config: ModelConfig,
  tensor: ModelInput | ModelOutput,
  direction: "input" | "output",
): void {
  const { name, dataType, dims, reshape } = tensor;
  const isFlat =
    direction === "input"
      ? (tensor as ModelInput).allowRaggedBatch
      : batchOutputOf(config, name) !== undefined;
  const rank = (config.maxBatchSize > 0 ? 1 : 0) + (reshape?.shape ?? dims).length;
  if (dataType !== "TYPE_STRING" || isFlat || rank === 1) return;
  throw invalidArgument(
    `Triton only supports 1 dimensional List of String as ${direction} for '${name}' for model '${config.name}'`,
  );
}

/** Data types of tensors in TorchScript models; TYPE_STRING is `List[str]`. BF16 is more than Triton takes. */
export const torchDataTypes: ReadonlySet<DataTypeName> = new Set<DataTypeName>([
  "TYPE_BOOL",
  "TYPE_UINT8",
  "TYPE_INT8",
  "TYPE_INT16",
  "TYPE_INT32",
  "TYPE_INT64",
  "TYPE_FP16",
  "TYPE_BF16",
  "TYPE_FP32",
  "TYPE_FP64",
  "TYPE_STRING",
]);
