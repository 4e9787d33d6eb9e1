import type { TorchArgument, TorchSignature, TorchType } from "../../src/config/torch-signature.js";

const simple = (kind: string, text: string): TorchType => ({ kind, text, elements: [] });
const made = (kind: string, name: string, elements: readonly TorchType[]): TorchType => ({
  kind,
  text: `${name}[${elements.map(({ text }) => text).join(", ")}]`,
  elements,
});

// TorchScript types as the addon describes them.
export const tensor = simple("TensorType", "Tensor");
export const int = simple("IntType", "int");
export const string = simple("StringType", "str");
export const any = simple("AnyType", "Any");
export const list = (element: TorchType) => made("ListType", "List", [element]);
export const dict = (value: TorchType) => made("DictType", "Dict", [string, value]);
export const tuple = (...elements: TorchType[]) => made("TupleType", "Tuple", elements);
export const optional = (type: TorchType) => made("OptionalType", "Optional", [type]);
export const strings = list(string);

/** A signature with these arguments; `[type, default]` for one with a default. */
export function torchSignature(
  parameters: Readonly<Record<string, TorchType | readonly [TorchType, string]>>,
  result: TorchType = tensor,
): TorchSignature {
  const each = Object.entries(parameters).map(([name, given]): TorchArgument => {
    const [type, defaultValue] = "kind" in given ? [given, ""] : given;
    return { name, type, defaultValue };
  });
  return { arguments: each, result };
}
