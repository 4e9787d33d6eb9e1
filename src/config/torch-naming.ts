import { invalidArgument } from "../inference/serving-error.js";
import { type TorchSignature, tensorKind, withSignature } from "./torch-signature.js";

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
 * @throws {ServingError} INVALID_ARGUMENT if the inputs do not cover the arguments, those with defaults too, exactly once
 * @see Triton PyTorch backend, "Input tensor naming conventions"
 */
export function bindTorchInputs(
  model: string,
  names: readonly string[],
  signature: TorchSignature,
): TorchInputBinding {
  const forwardArguments = signature.arguments.map(({ name }) => name);
  if (names.length !== forwardArguments.length) {
    throw invalidArgument(
      withSignature(
        `unable to load model '${model}', configuration expects ${names.length} inputs, ` +
          `model provides ${forwardArguments.length}`,
        signature,
      ),
    );
  }
  if (names.every((name) => forwardArguments.includes(name))) {
    const positions = names.map((name) => forwardArguments.indexOf(name));
    checkCovering(model, names, positions, signature);
    return { by: "argument name", positions, warnings: [] };
  }
  const indices = names.map(nameIndex);
  if (indices.every((index) => index !== undefined)) {
    checkCovering(model, names, indices, signature);
    return { by: "index", positions: indices, warnings: [] };
  }
  const warning = withSignature(
    `the inputs of model '${model}' are neither all named like arguments of forward ` +
      `nor all NAME__INDEX: ${names.join(", ")} are passed in configuration order`,
    signature,
  );
  return { by: "order", positions: names.map((_, position) => position), warnings: [warning] };
}

/**
 * Whether `forward` takes one dictionary of tensors, whose keys are then the configuration's input names.
 *
 * More than Triton: `Optional` arguments, which are None where a request leaves an optional input out.
 *
 * @throws {ServingError} INVALID_ARGUMENT for an argument that no input can be
 */
export function takesDictionary(signature: TorchSignature): boolean {
  const types = signature.arguments.map(({ type }) => type);
  const dictionaries = types.filter(({ kind }) => kind === "DictType");
  if (dictionaries.length > 1) {
    throw invalidArgument(
      withSignature(
        "Multiple inputs of kind DictType were detected. Only a single input of type Dict(str, Tensor) is supported.",
        signature,
      ),
    );
  }
  const isDictionary = types.length === 1 && types[0]?.text === "Dict[str, Tensor]";
  const unsupported = types.find((type) => tensorKind(type) === undefined);
  if (unsupported !== undefined && !isDictionary) {
    throw invalidArgument(
      withSignature(
        `An input of type '${unsupported.text}' was detected in the model. Only a single input of type ` +
          "Dict(str, Tensor) or input(s) of type Tensor are supported.",
        signature,
      ),
    );
  }
  return isDictionary;
}

/** A name like `NAME__INDEX`: what stands before, and the number that follows `__`. */
export function splitName(name: string): { readonly key: string; readonly index: number } | undefined {
  const [, key, digits] = /^(.+?)__(\d+)/s.exec(name) ?? [];
  return key === undefined ? undefined : { key, index: Number(digits) };
}

/** The number that follows `__` in a name. */
export function nameIndex(name: string): number | undefined {
  return splitName(name)?.index;
}

function checkCovering(
  model: string,
  names: readonly string[],
  positions: readonly number[],
  signature: TorchSignature,
): void {
  const count = signature.arguments.length;
  for (const [position, index] of positions.entries()) {
    const first = positions.indexOf(index);
    if (index < count && first === position) continue;
    const reason =
      index >= count
        ? `forward takes ${count} arguments`
        : `input '${names[first]}' refers to the same argument`;
    throw invalidArgument(
      withSignature(
        `unable to load model '${model}', input '${names[position]}' refers to argument ${index}, but ${reason}`,
        signature,
      ),
    );
  }
}
