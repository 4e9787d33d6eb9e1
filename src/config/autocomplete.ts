import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";
import type { Shape } from "../inference/shape.js";
import { batchOutputOf } from "./batch-outputs.js";
import { type CompletionRules, completionRules } from "./completion-rules.js";
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
 * Completes max_batch_size, inputs, outputs and dynamic batching of a SavedModel's configuration from its signature, by
 * the rules of its backend. A GraphDef's cannot be completed.
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
  const rules = completionRules(config);
  const allowsBatching = [...signature.inputs, ...signature.outputs].every((tensor) =>
    isBatchable(tensor, rules),
  );
  if (config.maxBatchSize > 0 && !allowsBatching) throw rules.noBatching(config);
  const guess = rules.maxBatchSize ?? defaultMaxBatchSize;
  const wantsBatching = allowsBatching && looksBatched(config, signature, rules);
  const isBatching = wantsBatching && (config.maxBatchSize > 0 || guess > 0);
  const isGuessed = isBatching && config.maxBatchSize === 0;
  const maxBatchSize = isGuessed ? guess : config.maxBatchSize;
  const hasScheduler = config.dynamicBatching ?? config.sequenceBatching ?? config.ensembleScheduling;
  const addsBatcher = maxBatchSize > 1 && !hasScheduler && (isGuessed || rules.addsBatcher);
  const completion: Completion = { config, rules, isBatching };
  const completed = {
    ...config,
    maxBatchSize,
    input: completeInputs(completion, signature.inputs),
    output: completeOutputs(completion, signature.outputs),
    dynamicBatching: addsBatcher ? emptyDynamicBatching() : config.dynamicBatching,
  };
  const warning =
    `the signature of model '${config.name}' supports batching and its configuration has no max_batch_size: ` +
    `using ${maxBatchSize}`;
  return { config: Object.freeze(completed), warnings: isGuessed ? [warning] : [] };
}

/** What completing one tensor needs to know of the model. */
interface Completion {
  readonly config: ModelConfig;
  readonly rules: CompletionRules;
  readonly isBatching: boolean;
}

function checkNamed(config: ModelConfig): void {
  if ([...config.input, ...config.output].some(({ name }) => name === "")) {
    throw invalidArgument("'name' is a required field for all inputs/outputs.");
  }
}

/** An unknown rank does not stand in the way. */
function isBatchable({ shape }: SignatureTensor, { batchesScalars }: CompletionRules): boolean {
  if (shape === undefined) return true;
  return shape.length === 0 ? batchesScalars : shape[0] === -1;
}

/** What the dims listed in the configuration say about batching: see the reference's "hint". */
function looksBatched(config: ModelConfig, signature: Signature, rules: CompletionRules): boolean {
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
      throw new ServingError(
        Code.INTERNAL,
        `unable to autofill for '${config.name}', model tensor configurations are contradicting each other in terms of ` +
          "whether batching is supported",
      );
    }
    vote = isFor;
  }
  return vote ?? (hasWeakVote || rules.batchesUndecided);
}

function completeInputs(completion: Completion, tensors: readonly SignatureTensor[]): readonly ModelInput[] {
  const { config } = completion;
  const made = new Set([
    ...config.input.map(({ name }) => name),
    ...config.batchInput.flatMap(({ targetName }) => targetName),
    ...(config.sequenceBatching?.controlInput ?? []).map(({ name }) => name),
  ]);
  const completed = config.input.map((input) => {
    const tensor = tensors.find(({ key }) => key === input.name);
    return tensor ? complete(completion, input, tensor, "input", input.allowRaggedBatch) : input;
  });
  for (const tensor of tensors) {
    if (made.has(tensor.key)) continue;
    completed.push(complete(completion, emptyInput(tensor.key), tensor, "input", false));
  }
  return Object.freeze(completed);
}

/** The outputs listed, and the others where none is or the backend's rules are to add them. */
function completeOutputs(
  completion: Completion,
  tensors: readonly SignatureTensor[],
): readonly ModelOutput[] {
  const { config, rules } = completion;
  const isListed = ({ key }: SignatureTensor) => config.output.some(({ name }) => name === key);
  const added = config.output.length === 0 || rules.addsOutputs ? tensors : [];
  const unlisted = added.filter((tensor) => !isListed(tensor)).map(({ key }) => emptyOutput(key));
  const completed = [...config.output, ...unlisted].map((output) => {
    const tensor = tensors.find(({ key }) => key === output.name);
    if (tensor === undefined) return output;
    const isFlat = batchOutputOf(config, output.name) !== undefined;
    return complete(completion, output, tensor, "output", isFlat);
  });
  return Object.freeze(completed);
}

/** `listed` with the signature's data type and dims where it has none; the dims of a flat list are not to be found there. */
function complete<T extends ModelInput | ModelOutput>(
  completion: Completion,
  listed: T,
  tensor: SignatureTensor,
  direction: "input" | "output",
  isFlat: boolean,
): T {
  const found: { -readonly [K in "dataType" | "dims" | "reshape"]?: T[K] } = {};
  if (listed.dataType === "TYPE_INVALID") found.dataType = dataTypeOf(completion.config, tensor, direction);
  if (listed.dims.length === 0 && !isFlat) {
    const dims = modelDims(completion, tensor, direction);
    found.dims = Object.freeze(dims.length > 0 ? [...dims] : [1]);
    // A tensor that is nothing but its batch dimension: clients send one element per row.
    if (dims.length === 0) found.reshape = Object.freeze({ shape: Object.freeze([]) });
  }
  return Object.freeze(Object.assign({}, listed, found));
}

/** What the signature says, without the batch dimension if there is one. */
function modelDims(
  { config, rules, isBatching }: Completion,
  { key, shape }: SignatureTensor,
  direction: "input" | "output",
): Shape {
  if (shape === undefined && rules.unknownRank !== undefined) return rules.unknownRank;
  if (shape !== undefined && shape.length > 0) return isBatching ? shape.slice(1) : shape;
  const reason = direction === "input" ? "0 and dimensions are not defined" : "0 which is not supported";
  throw invalidArgument(
    `Unable to autofill for '${config.name}': the rank of model tensor '${key}' is ${reason}`,
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
