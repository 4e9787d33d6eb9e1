import { invalidArgument } from "../inference/serving-error.js";
import type { ModelConfig, ModelOutput } from "./model-config.js";
import { nameIndex, splitName } from "./torch-naming.js";
import {
  resultLeaves,
  type TorchSignature,
  type TorchType,
  tensorKind,
  withSignature,
} from "./torch-signature.js";

/**
 * Where an output lies in what `forward` returns. Its *leaves* are the tensors and lists of strings in it, depth first,
 * whatever tuples, lists and dictionaries they are in; dictionaries in their order of insertion.
 */
export interface TorchOutputPlace {
  /** Among the leaves, where there is no dictionary. */
  readonly index: number;
  /** Of a name like `KEY__INDEX`: "" and -1 if it is none. */
  readonly key: string;
  readonly keyIndex: number;
}

/**
 * Finds the configured outputs in what `forward` returns.
 *
 * Without dictionaries: by the index in `NAME__INDEX` among the leaves if every output has one, else in configuration
 * order. With dictionaries each output by itself, when it runs: the leaf whose key is the whole name; else, of
 * `KEY__INDEX`, that leaf among those under the key; else, if there is no such key, that one among all leaves.
 *
 * @returns one place for each output, in configuration order
 * @throws {ServingError} INVALID_ARGUMENT, as far as the types tell: there is no such leaf, or it is not what the data
 *   type says
 * @see Triton PyTorch backend, "Output tensor naming conventions"; lists, dictionaries and nesting are more than it takes
 */
export function bindTorchOutputs(config: ModelConfig, signature: TorchSignature): TorchOutputPlace[] {
  if (config.output.length === 0) {
    throw invalidArgument(
      withSignature("model configuration must contain at least one output, none were specified.", signature),
    );
  }
  const names = config.output.map(({ name }) => splitName(name));
  const areIndexed = config.output.every(({ name }) => nameIndex(name) !== undefined);
  const places = names.map((split, position) => ({
    index: areIndexed ? (split?.index as number) : position,
    key: split?.key ?? "",
    keyIndex: split?.index ?? -1,
  }));
  const leaves = resultLeaves(signature.result);
  if (leaves !== undefined) {
    for (const [position, output] of config.output.entries()) {
      checkLeaf(output, leaves, leaves[places[position]?.index as number], signature);
    }
  }
  return places;
}

function checkLeaf(
  { name, dataType }: ModelOutput,
  leaves: readonly TorchType[],
  leaf: TorchType | undefined,
  signature: TorchSignature,
): void {
  const refuse = (reason: string) => invalidArgument(withSignature(reason, signature));
  if (leaf === undefined) {
    throw refuse(
      `The output ${name} in the model configuration refers to an output index which doesn't exist. ` +
        `This model has ${leaves.length} outputs`,
    );
  }
  const kind = tensorKind(leaf);
  if (kind === undefined) {
    throw refuse(
      `output must be of type Tensor, List[str] or a tuple, list or dictionary of these; output '${name}' is ${leaf.text}`,
    );
  }
  if ((kind === "List[str]") !== (dataType === "TYPE_STRING")) {
    const provided = kind === "List[str]" ? "TYPE_STRING, as List[str]" : "a Tensor";
    throw refuse(
      `configuration expects datatype ${dataType} for output '${name}', model provides ${provided}`,
    );
  }
}
