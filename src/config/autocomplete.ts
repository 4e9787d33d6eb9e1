import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";
import type { Shape } from "../inference/shape.js";
import { batchOutputOf } from "./batch-outputs.js";
import { emptyInput, emptyOutput } from "./empty-tensor.js";
import type { DataTypeName, ModelConfig, ModelInput, ModelOutput } from "./model-config.js";
import { emptyDynamicBatching } from "./normalise.js";
import type { Signature, SignatureTensor } from "./saved-model-signature.js";
import { dataTypeOfTensorFlow } from "./tensorflow-data-type.js";

export interface Completed {
  readonly config: ModelConfig;
  readonly warnings: readonly string[];
}

/**
 * Completes max_batch_size, inputs, outputs and dynamic batching of a SavedModel's configuration from its signature.
 * A GraphDef's cannot be completed.
 *
 * One rule differs from Triton's: a `defaultMaxBatchSize` of 0 forbids to guess batching, not to complete
 * a configuration that asks for it with its own max_batch_size.
 *
 * @param defaultMaxBatchSize `--backend-config=tensorflow,default-max-batch-size=N`; 0: never guess batching
 * @throws {ServingError} INTERNAL or INVALID_ARGUMENT, with the reference's texts
 * @see Triton TensorFlow backend, "Auto-Complete Model Configuration"
 */
export function autocomplete(
  config: ModelConfig,
  signature: Signature,
  defaultMaxBatchSize: number,
): Completed {
  checkNamed(config);
  const allowsBatching = [...signature.inputs, ...signature.outputs].every(isBatchable);
  if (config.maxBatchSize > 0 && !allowsBatching) {
    throw unable(
      config,
      `configuration specified max-batch ${config.maxBatchSize} but model signature does not support batching`,
    );
  }
  const wantsBatching = allowsBatching && looksBatched(config, signature);
  const isBatching = wantsBatching && (config.maxBatchSize > 0 || defaultMaxBatchSize > 0);
  const isGuessed = isBatching && config.maxBatchSize === 0;
  const maxBatchSize = isGuessed ? defaultMaxBatchSize : config.maxBatchSize;
  const hasScheduler = config.dynamicBatching ?? config.sequenceBatching ?? config.ensembleScheduling;
  const completed = {
    ...config,
    maxBatchSize,
    input: completeInputs(config, signature.inputs, isBatching),
    output: completeOutputs(config, signature.outputs, isBatching),
    dynamicBatching: maxBatchSize > 1 && !hasScheduler ? emptyDynamicBatching() : config.dynamicBatching,
  };
  const warning =
    `the signature of model '${config.name}' supports batching and its configuration has no max_batch_size: ` +
    `using ${maxBatchSize}`;
  return { config: Object.freeze(completed), warnings: isGuessed ? [warning] : [] };
}

function checkNamed(config: ModelConfig): void {
  if ([...config.input, ...config.output].some(({ name }) => name === "")) {
    throw invalidArgument("'name' is a required field for all inputs/outputs.");
  }
}

/** Unknown rank and scalars do not stand in the way. */
function isBatchable({ shape }: SignatureTensor): boolean {
  return shape === undefined || shape.length === 0 || shape[0] === -1;
}

/** What the dims listed in the configuration say about batching: see the reference's "hint". */
function looksBatched(config: ModelConfig, signature: Signature): boolean {
  if (config.input.length === 0 && config.output.length === 0) return true;
  const listed = [
    ...config.input.map((tensor) => ({ tensor, ragged: tensor.allowRaggedBatch, of: signature.inputs })),
    ...config.output
      .filter(({ name }) => batchOutputOf(config, name) === undefined)
      .map((tensor) => ({ tensor, ragged: false, of: signature.outputs })),
  ];
  let vote: boolean | undefined;
  let hasWeakVote = false;
  for (const { tensor, ragged, of } of listed) {
    if (ragged) return true;
    const rank = of.find(({ key }) => key === tensor.name)?.shape?.length;
    if (rank === undefined || rank === 0) continue;
    const dims = tensor.reshape?.shape ?? tensor.dims;
    if (dims.length === 0 && !tensor.reshape) {
      hasWeakVote = true;
      continue;
    }
    const isFor = dims.length === rank - 1;
    if (vote !== undefined && vote !== isFor) {
      throw unable(
        config,
        "model tensor configurations are contradicting each other in terms of whether batching is supported",
      );
    }
    vote = isFor;
  }
  return vote ?? hasWeakVote;
}

function completeInputs(
  config: ModelConfig,
  tensors: readonly SignatureTensor[],
  isBatching: boolean,
): readonly ModelInput[] {
  const made = new Set([
    ...config.input.map(({ name }) => name),
    ...config.batchInput.flatMap(({ targetName }) => targetName),
    ...(config.sequenceBatching?.controlInput ?? []).map(({ name }) => name),
  ]);
  const completed = config.input.map((input) => {
    const tensor = tensors.find(({ key }) => key === input.name);
    return tensor ? complete(config, input, tensor, "input", isBatching, input.allowRaggedBatch) : input;
  });
  for (const tensor of tensors) {
    if (made.has(tensor.key)) continue;
    completed.push(complete(config, emptyInput(tensor.key), tensor, "input", isBatching, false));
  }
  return Object.freeze(completed);
}

/** The outputs listed, or all of them if none is. */
function completeOutputs(
  config: ModelConfig,
  tensors: readonly SignatureTensor[],
  isBatching: boolean,
): readonly ModelOutput[] {
  const listed = config.output.length > 0 ? config.output : tensors.map(({ key }) => emptyOutput(key));
  const completed = listed.map((output) => {
    const tensor = tensors.find(({ key }) => key === output.name);
    if (tensor === undefined) return output;
    return complete(
      config,
      output,
      tensor,
      "output",
      isBatching,
      batchOutputOf(config, output.name) !== undefined,
    );
  });
  return Object.freeze(completed);
}

/** `listed` with the signature's data type and dims where it has none; the dims of a flat list are not to be found there. */
function complete<T extends ModelInput | ModelOutput>(
  config: ModelConfig,
  listed: T,
  tensor: SignatureTensor,
  direction: "input" | "output",
  isBatching: boolean,
  isFlat: boolean,
): T {
  const found: { -readonly [K in "dataType" | "dims" | "reshape"]?: T[K] } = {};
  if (listed.dataType === "TYPE_INVALID") found.dataType = dataTypeOf(config, tensor, direction);
  if (listed.dims.length === 0 && !isFlat) {
    const shape = knownShape(config, tensor, direction);
    const dims = isBatching ? shape.slice(1) : [...shape];
    found.dims = Object.freeze(dims.length > 0 ? dims : [1]);
    // A tensor that is nothing but its batch dimension: clients send one element per row.
    if (dims.length === 0) found.reshape = Object.freeze({ shape: Object.freeze([]) });
  }
  return Object.freeze(Object.assign({}, listed, found));
}

function knownShape(config: ModelConfig, tensor: SignatureTensor, direction: "input" | "output"): Shape {
  if (tensor.shape !== undefined && tensor.shape.length > 0) return tensor.shape;
  const reason = direction === "input" ? "0 and dimensions are not defined" : "0 which is not supported";
  throw invalidArgument(
    `Unable to autofill for '${config.name}': the rank of model tensor '${tensor.key}' is ${reason}`,
  );
}

function dataTypeOf(
  config: ModelConfig,
  { key, dtype }: SignatureTensor,
  direction: "input" | "output",
): DataTypeName {
  const dataType = dataTypeOfTensorFlow(dtype);
  if (dataType) return dataType;
  throw invalidArgument(
    `unable to process ${direction} '${key}' for '${config.name}', unsupported datatype '${dtype}'`,
  );
}

function unable(config: ModelConfig, reason: string): ServingError {
  return new ServingError(Code.INTERNAL, `unable to autofill for '${config.name}', ${reason}`);
}
