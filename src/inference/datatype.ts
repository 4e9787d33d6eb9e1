/**
 * Tensor element types by their protocol (KServe v2) names.
 *
 * @see KServe v2 "Tensor Data Types"; BF16 is Triton's addition
 */
export type Datatype =
  | "BOOL"
  | "UINT8"
  | "UINT16"
  | "UINT32"
  | "UINT64"
  | "INT8"
  | "INT16"
  | "INT32"
  | "INT64"
  | "FP16"
  | "FP32"
  | "FP64"
  | "BF16"
  | "BYTES";

/** Every datatype at its `ModelConfig.DataType` number: index 0 is TYPE_INVALID. The native core uses the same numbers. */
export const datatypeByNumber: readonly (Datatype | undefined)[] = [
  undefined,
  "BOOL",
  "UINT8",
  "UINT16",
  "UINT32",
  "UINT64",
  "INT8",
  "INT16",
  "INT32",
  "INT64",
  "FP16",
  "FP32",
  "FP64",
  "BYTES",
  "BF16",
];

const numbers = new Map(datatypeByNumber.map((name, number) => [name, number]));

/** The `ModelConfig.DataType` number of a datatype, 1 to 14. */
export function datatypeNumber(datatype: Datatype): number {
  return numbers.get(datatype) as number;
}

const sizes: Record<Datatype, number> = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  FP32: 4,
  FP64: 8,
  BF16: 2,
  BYTES: 0,
};

/** Bytes per element; 0 for BYTES, whose elements vary in length. */
export function elementByteSize(datatype: Datatype): number {
  return sizes[datatype];
}

export function isDatatype(name: string): name is Datatype {
  return Object.hasOwn(sizes, name);
}
