import type { DataTypeName } from "./model-config.js";

/**
 * What a package's own source tells of the tensors that its code takes. The code trusts them: it reads beyond a tensor
 * that is smaller than this says.
 */
export interface PackageSource {
  /** How `(args, kwargs)` and what is returned are nested: pytrees as JSON. undefined where it does not tell. */
  readonly trees: { readonly arguments: string; readonly results: string } | undefined;
  /** By position; undefined where the source does not tell. */
  readonly inputs: readonly PackageInput[] | undefined;
  /** Of all its weights with what is between them; 0 where the source does not tell. */
  readonly weightBytes: number;
  /** Whether running it changes what later runs give: it writes to a buffer of the module. */
  readonly hasState: boolean;
  /** Whether it writes to an input, or calls what may. */
  readonly writesInputs: boolean;
}

export interface PackageInput {
  /** undefined: a type that no configuration has. */
  readonly dataType: DataTypeName | undefined;
  /** By dimension a size, or the name of a variable one; those of one name are equal. undefined: it does not tell. */
  readonly dims: readonly (number | string)[] | undefined;
  /** Whether it takes elements one behind the other in row-major order, as requests bring them. */
  readonly isContiguous: boolean;
  /** The largest first dimension that the compiler reckoned with. */
  readonly maxRows: number | undefined;
}

/**
 * Reads the C++ source that PyTorch leaves in a package: the declarations of its inputs, the checks of them that it makes
 * when a variable of the environment asks for them, and which tensors are handed to a kernel for writing.
 *
 * @param source of the model's wrapper; empty: the package has none
 */
export function readPackageSource(source: string): PackageSource {
  if (source === "") return unknownSource;
  const names = declared(source, "inputs_info_");
  const constants = declared(source, "constants_info_");
  const isWritten = (name: string) => writesTo(source, name);
  const [, argumentTree] = /\bin_spec_ = R"\((.*)\)";/.exec(source) ?? [];
  const [, resultTree] = /\bout_spec_ = R"\((.*)\)";/.exec(source) ?? [];
  const isCallable = argumentTree !== undefined && resultTree !== undefined;
  return {
    trees: isCallable ? { arguments: argumentTree, results: resultTree } : undefined,
    inputs: names.map((name, position) => readInput(source, name, position)),
    weightBytes: [...source.matchAll(/constants_info_\[\d+\]\.data_size = (\d+);/g)].reduce(
      (sum, [, size]) => sum + Number(size),
      0,
    ),
    hasState: constants.some(isWritten),
    writesInputs: /\baoti_torch_proxy_executor_call_function\(/.test(source) || names.some(isWritten),
  };
}

const unknownSource: PackageSource = {
  trees: undefined,
  inputs: undefined,
  weightBytes: 0,
  hasState: false,
  writesInputs: true,
};

function declared(source: string, array: string): string[] {
  const names: string[] = [];
  for (const [, position, name] of source.matchAll(
    new RegExp(`${array}\\[(\\d+)\\]\\.name = "(\\w+)";`, "g"),
  )) {
    names[Number(position)] = name as string;
  }
  return names;
}

/** Kernels take what they only read as a pointer to const; operations that write name what they write to first. */
function writesTo(source: string, name: string): boolean {
  const pointer = new RegExp(`\\((?!const )[\\w:]+ ?\\*\\)\\(${name}\\.data_ptr\\(\\)\\)`);
  const operation = new RegExp(`\\baoti_torch_\\w+_(?:out)?\\(${name}\\b`);
  return pointer.test(source) || operation.test(source);
}

function readInput(source: string, name: string, position: number): PackageInput {
  const type = new RegExp(`\\b${name}_expected_dtype = aoti_torch_dtype_(\\w+)\\(\\)`).exec(source)?.[1];
  const layout = new RegExp(`assert_size_stride\\(${name}, \\{([^}]*)\\}, \\{([^}]*)\\}`).exec(source);
  const limit = new RegExp(
    `input_handles\\[${position}\\]: dim value is too large at 0, "\\s*<< "expected to be <= (\\d+)`,
  ).exec(source)?.[1];
  const sizes = layout?.[1]?.includes("(") === false ? terms(layout[1]) : undefined;
  return {
    dataType: dataTypes[type ?? ""],
    dims: sizes?.map((term) => (/^\d+L?$/.test(term) ? Number.parseInt(term, 10) : term)),
    isContiguous: sizes === undefined || isContiguous(sizes, terms(layout?.[2] ?? "")),
    maxRows: limit === undefined ? undefined : Number(limit),
  };
}

function terms(list: string): string[] {
  return list
    .split(",")
    .map((term) => term.trim())
    .filter((term) => term !== "");
}

/** Compares with row-major order; a stride that is no plain product is taken to be in it. */
function isContiguous(sizes: readonly string[], strides: readonly string[]): boolean {
  let expected = "1";
  for (let i = sizes.length - 1; i >= 0; i--) {
    const size = sizes[i] as string;
    const stride = strides[i] as string;
    // Where there is only one element to step to, the step is not used.
    const isUsed = product(size) !== "1";
    if (isUsed && /^[\w*]+$/.test(stride) && product(stride) !== product(expected)) return false;
    expected = `${expected}*${size}`;
  }
  return true;
}

/** A product in one way of writing it: the number, then the symbols in alphabetical order. */
function product(term: string): string {
  const factors = term.split("*");
  const isNumber = (factor: string) => /^\d+L?$/.test(factor);
  const number = factors.filter(isNumber).reduce((result, factor) => result * Number.parseInt(factor, 10), 1);
  return [number, ...factors.filter((factor) => !isNumber(factor)).sort()].join("*");
}

/** By PyTorch's name. */
const dataTypes: Readonly<Record<string, DataTypeName>> = {
  bool: "TYPE_BOOL",
  uint8: "TYPE_UINT8",
  int8: "TYPE_INT8",
  int16: "TYPE_INT16",
  int32: "TYPE_INT32",
  int64: "TYPE_INT64",
  float16: "TYPE_FP16",
  bfloat16: "TYPE_BF16",
  float32: "TYPE_FP32",
  float64: "TYPE_FP64",
};
