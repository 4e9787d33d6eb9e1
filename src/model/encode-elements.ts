import { encodeBytesElements } from "../inference/bytes-elements.js";
import type { Datatype } from "../inference/datatype.js";
import { float32ToBfloat16, float32ToFloat16 } from "../inference/half-precision.js";
import { invalidArgument, type ServingError } from "../inference/serving-error.js";

/**
 * JavaScript values as the bytes of a tensor: numbers for every numeric datatype, rounded for floating point and
 * range-checked for integers; bigints for integers; booleans for BOOL; strings and byte arrays for BYTES.
 *
 * @param where which input, for the error
 * @throws {ServingError} `INVALID_ARGUMENT` for the first element that the datatype cannot hold
 */
export function encodeElements(datatype: Datatype, elements: readonly unknown[], where: string): Uint8Array {
  switch (datatype) {
    case "BYTES":
      return encodeBytesElements(elements.map((element, i) => bytesElement(element, i, where)));
    case "BOOL":
      return Uint8Array.from(elements, (element, i) => boolElement(element, i, where));
    case "FP32":
      return bytesOf(Float32Array.from(numbers(datatype, elements, where)));
    case "FP64":
      return bytesOf(Float64Array.from(numbers(datatype, elements, where)));
    case "FP16":
      return bytesOf(float32ToFloat16(numbers(datatype, elements, where)));
    case "BF16":
      return bytesOf(float32ToBfloat16(numbers(datatype, elements, where)));
    case "INT64":
      return bytesOf(BigInt64Array.from(longIntegers(datatype, elements, where)));
    case "UINT64":
      return bytesOf(BigUint64Array.from(longIntegers(datatype, elements, where)));
    default:
      return bytesOf(integers(datatype, elements, where));
  }
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

const integerTypes = {
  INT8: { Array: Int8Array, least: -(2 ** 7), greatest: 2 ** 7 - 1 },
  INT16: { Array: Int16Array, least: -(2 ** 15), greatest: 2 ** 15 - 1 },
  INT32: { Array: Int32Array, least: -(2 ** 31), greatest: 2 ** 31 - 1 },
  UINT8: { Array: Uint8Array, least: 0, greatest: 2 ** 8 - 1 },
  UINT16: { Array: Uint16Array, least: 0, greatest: 2 ** 16 - 1 },
  UINT32: { Array: Uint32Array, least: 0, greatest: 2 ** 32 - 1 },
} as const;

function integers(
  datatype: keyof typeof integerTypes,
  elements: readonly unknown[],
  where: string,
): ArrayBufferView {
  const { Array: Type, least, greatest } = integerTypes[datatype];
  const array = new Type(elements.length);
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i];
    const value = typeof element === "bigint" ? Number(element) : element;
    if (typeof value !== "number") throw wrong(where, i, datatype, "a number or bigint", element);
    if (!Number.isInteger(value) || value < least || value > greatest) {
      throw wrong(where, i, datatype, `an integer from ${least} to ${greatest}`, element);
    }
    array[i] = value;
  }
  return array;
}

function longIntegers(
  datatype: "INT64" | "UINT64",
  elements: readonly unknown[],
  where: string,
): readonly bigint[] {
  const [least, greatest] = datatype === "INT64" ? [-(2n ** 63n), 2n ** 63n - 1n] : [0n, 2n ** 64n - 1n];
  return elements.map((element, i) => {
    if (typeof element === "number" && !Number.isSafeInteger(element)) {
      throw wrong(where, i, datatype, "an integer, a bigint from 2^53 on", element);
    }
    if (typeof element !== "number" && typeof element !== "bigint") {
      throw wrong(where, i, datatype, "a number or bigint", element);
    }
    const value = BigInt(element);
    if (value >= least && value <= greatest) return value;
    throw wrong(where, i, datatype, `an integer from ${least} to ${greatest}`, element);
  });
}

function numbers(datatype: Datatype, elements: readonly unknown[], where: string): number[] {
  return elements.map((element, i) => {
    if (typeof element === "number") return element;
    throw wrong(where, i, datatype, "a number", element);
  });
}

function boolElement(element: unknown, index: number, where: string): number {
  if (element === true || element === 1) return 1;
  if (element === false || element === 0) return 0;
  throw wrong(where, index, "BOOL", "true, false, 1 or 0", element);
}

function bytesElement(element: unknown, index: number, where: string): string | Uint8Array {
  if (typeof element === "string" || element instanceof Uint8Array) return element;
  throw wrong(where, index, "BYTES", "a string, Buffer or Uint8Array", element);
}

function wrong(
  where: string,
  index: number,
  datatype: Datatype,
  expected: string,
  element: unknown,
): ServingError {
  const given = typeof element === "string" ? JSON.stringify(element) : String(element);
  return invalidArgument(
    `${where}: element ${index} is ${given} (${typeof element}), expected ${expected} for ${datatype}`,
  );
}
