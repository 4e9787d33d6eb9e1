import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";
import type { Shape } from "../inference/shape.js";
import type { DataTypeName, ModelConfig } from "./model-config.js";
import type { Signature, SignatureTensor } from "./saved-model-signature.js";
import { sequenceControls } from "./sequence-controls.js";
import { dataTypeOfTensorFlow } from "./tensorflow-data-type.js";

/**
 * Compares a complete configuration of the Python backend's platform `tensorflow_savedmodel` with the SavedModel's signature.
 * Every input has to be configured, outputs may be left out, and dims have to be the same, variable ones too.
 *
 * @throws {ServingError} with the reference's texts, for the first thing that differs: INVALID_ARGUMENT, or UNIMPLEMENTED for
 *   `batch_input`, `batch_output` and ragged inputs
 * @see Triton Python backend, platform `tensorflow_savedmodel`
 */
export function checkPythonSavedModel(config: ModelConfig, signature: Signature): void {
  refuse(config.batchInput.length > 0, "batch_input");
  refuse(config.batchOutput.length > 0, "batch_output");
  refuse(
    config.input.some(({ allowRaggedBatch }) => allowRaggedBatch),
    "allow_ragged_batch",
  );
  const configured = [...config.input, ...sequenceControls(config)].map(({ name }) => name);
  const missing = signature.inputs.find(({ key }) => !configured.includes(key));
  if (missing !== undefined) {
    throw invalidArgument(`Missing input tensor configuration for tensor '${missing.key}'`);
  }
  for (const name of configured) tensorNamed(signature.inputs, name, "input");
  for (const direction of ["input", "output"] as const) {
    for (const { name, dataType, dims, reshape } of config[direction]) {
      const tensor = tensorNamed(signature[`${direction}s`], name, direction);
      checkDataType(tensor, dataType);
      checkShape(tensor, reshape?.shape ?? dims, config.maxBatchSize > 0);
    }
  }
}

function refuse(isUsed: boolean, field: string): void {
  if (!isUsed) return;
  throw new ServingError(
    Code.UNIMPLEMENTED,
    `The platform model 'tensorflow_savedmodel' does not support model with ${field}`,
  );
}

function tensorNamed(
  tensors: readonly SignatureTensor[],
  name: string,
  direction: "input" | "output",
): SignatureTensor {
  const tensor = tensors.find(({ key }) => key === name);
  if (tensor !== undefined) return tensor;
  const names = tensors.map(({ key }) => `;${key}`).join("");
  throw invalidArgument(
    `No ${direction} tensor with name '${name}', only supported ${direction} names are ${names}`,
  );
}

function checkDataType({ key, dtype }: SignatureTensor, configured: DataTypeName): void {
  const provided = dataTypeOfTensorFlow(dtype) ?? dtype;
  if (provided === configured) return;
  throw invalidArgument(
    `Mismatch between datatype for tensor '${key}', expected '${provided}', got '${configured}'`,
  );
}

/** @param dims what the configuration says that the model sees, without the batch dimension */
function checkShape({ key, shape }: SignatureTensor, dims: Shape, isBatched: boolean): void {
  if (shape === undefined) return;
  if (isBatched && shape[0] !== -1) {
    throw invalidArgument(
      "The first dimension of a batching model should be dynamic, however, got shape of first dimension in model for " +
        `tensor '${key}' as ${shape[0] ?? "none"}`,
    );
  }
  const provided = isBatched ? shape.slice(1) : shape;
  if (provided.length !== dims.length) {
    throw invalidArgument(
      `Mismatch in the number of dimension with the model for tensor '${key}', expected ${provided.length}, ` +
        `got ${dims.length}`,
    );
  }
  const different = provided.findIndex((dim, axis) => dim !== dims[axis]);
  if (different < 0) return;
  throw invalidArgument(
    `Mismatch in ${different}th dimension for tensor '${key}', expected ${provided[different]}, got ${dims[different]}`,
  );
}
