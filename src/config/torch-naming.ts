import { invalidArgument } from "../inference/serving-error.js";
import type { ModelConfig } from "./model-config.js";

/** How the configuration's inputs reach `forward`. */
export interface TorchInputBinding {
  readonly by: "argument name" | "index" | "order";
  /** For each input, in the order given: the position of its argument, the first after `self` is 0. */
  readonly positions: readonly number[];
  readonly warnings: readonly string[];
}

/**
 * Binds inputs to the arguments of a TorchScript module: by argument name if every input is named like one, else by the
 * index in `NAME__INDEX` if every input has one, else in the order given.
 *
 * @param model its name, for messages
 * @param names of all it is fed: the configured inputs, sequence controls, inputs made of the batch
 * @param forwardArguments names of `forward`'s arguments without `self`, those with defaults too
 * @throws {ServingError} INVALID_ARGUMENT if the inputs do not cover the arguments exactly once
 * @see Triton PyTorch backend, "Input tensor naming conventions"
 */
export function bindTorchInputs(
  model: string,
  names: readonly string[],
  forwardArguments: readonly string[],
): TorchInputBinding {
  if (names.length !== forwardArguments.length) {
    throw invalidArgument(
      `unable to load model '${model}', configuration expects ${names.length} inputs, ` +
        `model provides ${forwardArguments.length}`,
    );
  }
  if (names.every((name) => forwardArguments.includes(name))) {
    const positions = names.map((name) => forwardArguments.indexOf(name));
    return { by: "argument name", positions, warnings: [] };
  }
  const indices = names.map(nameIndex);
  if (indices.every((index) => index !== undefined)) {
    checkCovering(model, names, indices, forwardArguments.length);
    return { by: "index", positions: indices, warnings: [] };
  }
  const warning =
    `the inputs of model '${model}' are neither all named like arguments of forward ` +
    `(${forwardArguments.join(", ")}) nor all NAME__INDEX: they are passed in configuration order`;
  return { by: "order", positions: names.map((_, position) => position), warnings: [warning] };
}

/**
 * The position in `forward`'s result of each configured output, in configuration order: the index in `NAME__INDEX`
 * if every output has one, else configuration order.
 */
export function bindTorchOutputs(config: ModelConfig): readonly number[] {
  const indices = config.output.map(({ name }) => nameIndex(name));
  return indices.every((index) => index !== undefined) ? indices : indices.map((_, position) => position);
}

/**
 * Compares the outputs bound with what `forward` returned.
 *
 * @param positions of {@link bindTorchOutputs}
 * @param count how many tensors there are
 * @throws {ServingError} INVALID_ARGUMENT if the model has no output at a position
 */
export function checkTorchOutputs(config: ModelConfig, positions: readonly number[], count: number): void {
  const missing = positions.findIndex((position) => position >= count);
  if (missing < 0) return;
  throw invalidArgument(
    `The output ${config.output[missing]?.name} in the model configuration refers to an output index which doesn't ` +
      `exist. This model has ${count} outputs`,
  );
}

/**
 * Whether `forward` takes one dictionary of tensors, whose keys are then the configuration's input names.
 *
 * @param argumentTypes libtorch's kind of each argument after `self`: `TensorType`, `ListType`, `DictType`...
 * @throws {ServingError} INVALID_ARGUMENT for an argument that cannot be fed
 */
export function takesDictionary(argumentTypes: readonly string[]): boolean {
  const dictionaries = argumentTypes.filter((type) => type === "DictType").length;
  if (dictionaries > 1) {
    throw invalidArgument(
      "Multiple inputs of kind DictType were detected. Only a single input of type Dict(str, Tensor) is supported.",
    );
  }
  const unsupported = argumentTypes.find(
    (type) =>
      type !== "TensorType" && type !== "ListType" && (type !== "DictType" || argumentTypes.length > 1),
  );
  if (unsupported !== undefined) {
    throw invalidArgument(
      `An input of type '${unsupported}' was detected in the model. Only a single input of type Dict(str, Tensor) or ` +
        "input(s) of type Tensor are supported.",
    );
  }
  return dictionaries === 1;
}

/** The number that follows `__` in a name. */
export function nameIndex(name: string): number | undefined {
  const digits = /^.+?__(\d+)/s.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function checkCovering(
  model: string,
  names: readonly string[],
  indices: readonly number[],
  argumentCount: number,
): void {
  for (const [position, index] of indices.entries()) {
    const first = indices.indexOf(index);
    if (index < argumentCount && first === position) continue;
    const reason =
      index >= argumentCount
        ? `forward takes ${argumentCount} arguments`
        : `input '${names[first]}' refers to the same argument`;
    throw invalidArgument(
      `unable to load model '${model}', input '${names[position]}' refers to argument ${index}, but ${reason}`,
    );
  }
}
