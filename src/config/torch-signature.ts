/** A type in TorchScript, and those it is made of: the elements of a tuple, a dictionary's key and value. */
export interface TorchType {
  /** libtorch's name for its kind: `TensorType`, `ListType`, `TupleType`, `DictType`, `OptionalType`… */
  readonly kind: string;
  /** As Python writes it: `Tuple[Tensor, List[str]]`. */
  readonly text: string;
  readonly elements: readonly TorchType[];
}

export interface TorchArgument {
  readonly name: string;
  readonly type: TorchType;
  /** "" where it has none. */
  readonly defaultValue: string;
}

/** What a module's `forward` takes, without `self`, and what it returns. */
export interface TorchSignature {
  readonly arguments: readonly TorchArgument[];
  readonly result: TorchType;
}

/** As in Python: `forward(x: Tensor, bias: Optional[Tensor] = None) -> Tuple[Tensor, Tensor]`. */
export function formatSignature({ arguments: parameters, result }: TorchSignature): string {
  const each = parameters.map(
    ({ name, type, defaultValue }) =>
      `${name}: ${type.text}${defaultValue === "" ? "" : ` = ${defaultValue}`}`,
  );
  return `forward(${each.join(", ")}) -> ${result.text}`;
}

/** The message of an error about a module, with its signature. */
export function withSignature(message: string, signature: TorchSignature): string {
  return `${message} (the model is ${formatSignature(signature)})`;
}

/** How one tensor of the configuration looks inside a module: a tensor, or strings; undefined for any other type. */
export function tensorKind(type: TorchType): "Tensor" | "List[str]" | undefined {
  const [element] = type.elements;
  if (type.kind === "TensorType") return "Tensor";
  if (type.kind === "ListType" && element?.kind === "StringType") return "List[str]";
  return type.kind === "OptionalType" && element ? tensorKind(element) : undefined;
}

/**
 * The types of the leaves of what `forward` returns, depth first, as native/torch/result.h counts them in values.
 *
 * @returns undefined where only a value tells how many there are: in lists, dictionaries and values of any type
 */
export function resultLeaves(type: TorchType): readonly TorchType[] | undefined {
  if (type.kind === "TupleType") {
    const leaves = type.elements.map(resultLeaves);
    return leaves.every((each) => each !== undefined) ? leaves.flat() : undefined;
  }
  if (tensorKind(type) !== undefined || simpleKinds.has(type.kind)) return [type];
  const isListOfSimple = type.kind === "ListType" && simpleKinds.has(type.elements[0]?.kind ?? "");
  return isListOfSimple ? [type] : undefined;
}

const simpleKinds: ReadonlySet<string> = new Set([
  "IntType",
  "FloatType",
  "BoolType",
  "ComplexType",
  "NumberType",
  "StringType",
  "NoneType",
]);
