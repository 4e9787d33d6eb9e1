import type { DataTypeName } from "./model-config.js";
import {
  resultLeaves,
  type TorchArgument,
  type TorchSignature,
  type TorchType,
  tensorKind,
} from "./torch-signature.js";

/** A tensor as a TorchScript file has it: a weight, or an input that a module was traced with. */
export interface TorchTensor {
  readonly name: string;
  /** `TYPE_INVALID` for a type that no protocol carries. */
  readonly dataType: DataTypeName;
  readonly shape: readonly number[];
}

/** What a TorchScript file says about itself. */
export interface TorchDescription {
  readonly signature: TorchSignature;
  /** By argument: what it was traced with, where that is recorded and a tensor. */
  readonly tracedInputs: readonly (TorchTensor | undefined)[];
  readonly parameters: readonly TorchTensor[];
  /** Saved in training mode: dropout drops. */
  readonly training: boolean;
}

/**
 * A `config.pbtxt` to be completed: names from the signature, and the rest as far as the file tells. Comments mark what it
 * does not. It can be read as it is.
 */
export function torchSkeleton(model: string, description: TorchDescription): string {
  const { signature, tracedInputs } = description;
  const type = weightType(description);
  const inputs = signature.arguments.map((argument, i) => input(argument, tracedInputs[i], type));
  return [
    `name: ${quoted(model)}`,
    'platform: "pytorch_libtorch"',
    "max_batch_size: 0  # ? above 0 if dimension 0 of all tensors is the batch, which dims then leave out",
    ...inputs.flat(),
    ...outputs(signature.result, type).flat(),
    "",
  ].join("\n");
}

/** The data type to guess, and why. */
interface Guess {
  readonly dataType: DataTypeName;
  readonly reason: string;
}

/** Tensors are often what the weights are. */
function weightType({ parameters }: TorchDescription): Guess {
  const types = new Set(parameters.map(({ dataType }) => dataType));
  const [only] = types;
  if (only === undefined || types.size > 1 || only === "TYPE_INVALID") {
    return { dataType: "TYPE_FP32", reason: "?" };
  }
  return { dataType: only, reason: "? as its parameters" };
}

function input(
  { name, type, defaultValue }: TorchArgument,
  traced: TorchTensor | undefined,
  guess: Guess,
): string[] {
  if (type.kind === "DictType") {
    return tensor("input", "KEY", guess, `? one input for each key of the dictionary '${name}'`);
  }
  const optional =
    type.kind === "OptionalType" ? [`  optional: true  # ${name} = ${defaultValue || "None"}`] : [];
  const lines =
    tensorKind(type) === "List[str]"
      ? strings("input", name)
      : tensor("input", name, guess, undefined, traced);
  return [...lines.slice(0, -1), ...optional, "}"];
}

function outputs(result: TorchType, guess: Guess): string[][] {
  const leaves = resultLeaves(result);
  if (leaves === undefined) {
    const name = result.text.includes("Dict[") ? "KEY" : "OUTPUT__0";
    return [tensor("output", name, guess, `? one output for each tensor in ${result.text}`)];
  }
  return leaves.map((leaf, i) =>
    tensorKind(leaf) === "List[str]"
      ? strings("output", `OUTPUT__${i}`)
      : tensor("output", `OUTPUT__${i}`, guess),
  );
}

function tensor(side: string, name: string, guess: Guess, remark?: string, traced?: TorchTensor): string[] {
  const isKnown = traced !== undefined && traced.dataType !== "TYPE_INVALID";
  const dataType = isKnown
    ? `${traced.dataType}  # as it was traced`
    : `${guess.dataType}  # ${guess.reason}`;
  const dims = traced
    ? `[ ${traced.shape.join(", ")} ]  # as it was traced; -1 where it varies`
    : "[ -1 ]  # ? a number for each dimension, -1 where it varies";
  return [
    `${side} {`,
    `  name: ${quoted(name)}${remark === undefined ? "" : `  # ${remark}`}`,
    `  data_type: ${dataType}`,
    `  dims: ${dims}`,
    "}",
  ];
}

/** The one type that the signature tells whole. */
function strings(side: string, name: string): string[] {
  return [`${side} {`, `  name: ${quoted(name)}`, "  data_type: TYPE_STRING", "  dims: [ -1 ]", "}"];
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
