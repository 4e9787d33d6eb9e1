import { invalidArgument, type ServingError } from "../inference/serving-error.js";
import { formatShape, type Shape } from "../inference/shape.js";
import { type BatchInputTensor, batchInputTensors } from "./batch-inputs.js";
import { batchOutputOf } from "./batch-outputs.js";
import { checkPythonSavedModel } from "./check-python-saved-model.js";
import type { GraphNode } from "./graph-definition.js";
import type { DataTypeName, ModelConfig } from "./model-config.js";
import { pythonPlatform } from "./python-platform.js";
import type { Signature, SignatureTensor } from "./saved-model-signature.js";
import { sequenceControls } from "./sequence-controls.js";
import { dataTypeOfTensorFlow } from "./tensorflow-data-type.js";

/**
 * Compares a complete configuration with the SavedModel's signature, by the rules of its backend: names, counts, data
 * types, shapes.
 *
 * @throws {ServingError} INVALID_ARGUMENT, with the reference's texts, for the first thing that differs
 */
export function checkSavedModel(config: ModelConfig, signature: Signature): void {
  if (pythonPlatform(config) !== undefined) {
    checkPythonSavedModel(config, signature);
    return;
  }
  const inputKeys = signature.inputs.map(({ key }) => key);
  const outputKeys = signature.outputs.map(({ key }) => key);
  for (const name of inputNames(config)) checkName(name, inputKeys, "input");
  checkInputCount(config, signature.inputs.length, "");
  for (const { name } of config.output) checkName(name, outputKeys, "output");

  for (const input of config.input) {
    const tensor = tensorNamed(signature.inputs, input.name);
    checkDataType(config, input.dataType, tensor, "input");
    const dims = input.reshape?.shape ?? input.dims;
    if (input.allowRaggedBatch) checkFlat(config, tensor);
    else checkShape(config, tensor, dims, { isBatched: config.maxBatchSize > 0, isExact: false });
  }
  for (const control of sequenceControls(config)) {
    const tensor = tensorNamed(signature.inputs, control.name);
    checkDataType(config, control.dataType, tensor, "input");
    checkShape(config, tensor, [1], { isBatched: config.maxBatchSize > 0, isExact: false });
  }
  for (const input of batchInputTensors(config)) {
    const tensor = tensorNamed(signature.inputs, input.name);
    checkDataType(config, input.dataType, tensor, "input");
    checkShape(config, tensor, batchInputShape(config, input), { isBatched: false, isExact: false });
  }
  for (const output of config.output) {
    const tensor = tensorNamed(signature.outputs, output.name);
    checkDataType(config, output.dataType, tensor, "output");
    if (batchOutputOf(config, output.name) !== undefined) {
      checkFlat(config, tensor);
      continue;
    }
    const dims = output.reshape?.shape ?? output.dims;
    checkShape(config, tensor, dims, { isBatched: config.maxBatchSize > 0, isExact: true });
  }
}

/**
 * Compares a configuration with a frozen graph. A graph has no signature, so inputs and outputs have to be configured,
 * and only their names can be compared: an input is a placeholder and an output any other operation.
 *
 * @throws {ServingError} INVALID_ARGUMENT, with the reference's texts
 */
export function checkGraphDef(config: ModelConfig, nodes: readonly GraphNode[]): void {
  if (nodes.length === 0) throw invalidArgument(`model ${config.name} has an empty network`);
  for (const direction of ["input", "output"] as const) {
    if (config[direction].length > 0) continue;
    throw unableToLoad(config, `a GraphDef needs at least one ${direction} in the model configuration`);
  }
  const isPlaceholder = ({ operation }: GraphNode) => operation.startsWith("Placeholder");
  const inputs = nodes.filter(isPlaceholder).map(({ name }) => name);
  const outputs = nodes.filter((node) => !isPlaceholder(node)).map(({ name }) => name);
  checkInputCount(config, inputs.length, "at most ");
  for (const name of inputNames(config)) checkName(name, inputs, "input");
  for (const { name } of config.output) checkName(name, outputs, "output");
}

/** Of all that the model is fed: what clients send, what is made of the batch, what the sequence scheduler fills. */
function inputNames(config: ModelConfig): string[] {
  return [...config.input, ...batchInputTensors(config), ...sequenceControls(config)].map(({ name }) => name);
}

function checkInputCount(config: ModelConfig, provided: number, atMost: "" | "at most "): void {
  const expected = inputNames(config).length;
  if (atMost === "" ? expected === provided : expected <= provided) return;
  throw unableToLoad(config, `configuration expects ${expected} inputs, model provides ${atMost}${provided}`);
}

function checkName(name: string, allowed: readonly string[], direction: "input" | "output"): void {
  if (allowed.includes(name)) return;
  throw invalidArgument(
    `unexpected inference ${direction} '${name}', allowed ${direction}s are: ${allowed.join(", ")}`,
  );
}

function checkDataType(
  config: ModelConfig,
  configured: DataTypeName,
  { key, dtype }: SignatureTensor,
  direction: "input" | "output",
): void {
  const provided = dataTypeOfTensorFlow(dtype);
  if (provided === undefined) {
    throw invalidArgument(
      `unable to process ${direction} '${key}' for '${config.name}', unsupported datatype '${dtype}'`,
    );
  }
  if (provided === configured) return;
  throw unableToLoad(
    config,
    `configuration expects datatype ${configured} for ${direction} '${key}', model provides ${provided}`,
  );
}

/** @param dims what the configuration says that the model sees, without the batch dimension */
function checkShape(
  config: ModelConfig,
  { key, shape }: SignatureTensor,
  dims: Shape,
  { isBatched, isExact }: { readonly isBatched: boolean; readonly isExact: boolean },
): void {
  if (shape === undefined || shape.length === 0) return;
  const prefix = `model '${config.name}', tensor '${key}': `;
  if (isBatched && shape[0] !== -1) {
    throw invalidArgument(
      `${prefix}for the model to support batching the shape should have at least 1 dimension and the first ` +
        `dimension must be -1; but shape expected by the model is ${formatShape(shape)}`,
    );
  }
  const complete = isBatched ? [-1, ...dims] : dims;
  const agrees =
    shape.length === complete.length &&
    shape.every((dim, axis) => dim === complete[axis] || (!isExact && dim === -1));
  if (agrees) return;
  const specified = isBatched
    ? "dimensions (an initial batch dimension because max_batch_size > 0 followed by the explicit tensor shape, " +
      `making complete shape ${formatShape(complete)})`
    : `dimensions (shape ${formatShape(complete)})`;
  throw invalidArgument(
    `${prefix}the model expects ${shape.length} dimensions (shape ${formatShape(shape)}) ` +
      `but the model configuration specifies ${complete.length} ${specified}`,
  );
}

/** All requests' elements in one list. */
function checkFlat(config: ModelConfig, tensor: SignatureTensor): void {
  checkShape(config, tensor, [-1], { isBatched: false, isExact: false });
}

/** A number for each request, or for each row the dimensions that the framework sees behind the batch dimension. */
function batchInputShape(config: ModelConfig, { kind, source }: BatchInputTensor): Shape {
  if (kind !== "BATCH_ITEM_SHAPE") return [-1];
  const input = config.input.find(({ name }) => name === source);
  return [-1, (input?.reshape?.shape ?? input?.dims ?? []).length];
}

function tensorNamed(tensors: readonly SignatureTensor[], name: string): SignatureTensor {
  return tensors.find(({ key }) => key === name) as SignatureTensor;
}

function unableToLoad(config: ModelConfig, reason: string): ServingError {
  return invalidArgument(`unable to load model '${config.name}', ${reason}`);
}
