import { encodeBytesElements } from "../../inference/bytes-elements.js";
import type { Datatype } from "../../inference/datatype.js";
import { Code, invalidArgument, ServingError } from "../../inference/serving-error.js";
import { jsonFault, needsExactNumbers } from "./json-access.js";

/** Deepest nesting of arrays in `data`. */
const maxNesting = 100;

/** Stores element `index`; throws if the value is not of the tensor's kind. */
type Store = (value: unknown, index: number) => void;

interface Target {
  readonly store: Store;
  /** The tensor's bytes, once every element is stored. */
  finish(): Uint8Array;
}

/**
 * The bytes of a tensor from its parsed JSON `data`: flat or nested arrays in row-major order, or one bare value.
 *
 * This file is the seam for a native reader of large arrays: same arguments, same bytes, same errors.
 *
 * @param data numbers (bigints where the text was read exactly), booleans or strings, by datatype
 * @param count elements that the shape announces
 * @param isExact whether the text was read exactly: then every number is one with a fraction or an exponent
 * @throws {ServingError} INTERNAL for elements of another kind or number, INVALID_ARGUMENT for FP16, BF16 and too deep nesting
 * @throws {needsExactNumbers} if JSON.parse may have lost digits of an integer
 */
export function readJsonTensor(
  input: string,
  datatype: Datatype,
  count: number,
  data: unknown,
  isExact: boolean,
): Uint8Array {
  refuseHalfPrecision(input, datatype);
  const target = targets[datatype as keyof typeof targets](count, isExact);
  const stored = storeAll(data, 0, 0, count, datatype, target.store);
  if (stored < count) {
    throw new ServingError(Code.INTERNAL, "Failed to parse 'data' field: shape does not match true shape");
  }
  return target.finish();
}

export function refuseHalfPrecision(input: string, datatype: Datatype): void {
  if (datatype !== "FP16" && datatype !== "BF16") return;
  throw invalidArgument(
    `receiving ${datatype} data via JSON is not supported. Please use the binary data format for input ${input}`,
  );
}

function storeAll(
  data: unknown,
  index: number,
  nesting: number,
  count: number,
  datatype: Datatype,
  store: Store,
): number {
  if (!Array.isArray(data)) {
    if (index >= count) throw tooMany(datatype);
    store(data, index);
    return index + 1;
  }
  if (nesting >= maxNesting) {
    throw invalidArgument(`JSON nesting depth exceeds maximum allowed limit (${maxNesting})`);
  }
  let next = index;
  for (const element of data) {
    if (Array.isArray(element)) {
      next = storeAll(element, next, nesting + 1, count, datatype, store);
    } else {
      if (next >= count) throw tooMany(datatype);
      store(element, next++);
    }
  }
  return next;
}

function tooMany(datatype: Datatype): ServingError {
  const shape = datatype === "BYTES" ? "shape" : "Shape";
  return jsonFault("data", `${shape} does not match true shape of 'data' field`);
}

const targets = {
  BOOL: (count: number) => booleans(new Uint8Array(count)),
  UINT8: (count: number, isExact: boolean) => integers(new Uint8Array(count), false, isExact),
  UINT16: (count: number, isExact: boolean) => integers(new Uint16Array(count), false, isExact),
  UINT32: (count: number, isExact: boolean) => integers(new Uint32Array(count), false, isExact),
  UINT64: (count: number, isExact: boolean) => longIntegers(new BigUint64Array(count), false, isExact),
  INT8: (count: number, isExact: boolean) => integers(new Int8Array(count), true, isExact),
  INT16: (count: number, isExact: boolean) => integers(new Int16Array(count), true, isExact),
  INT32: (count: number, isExact: boolean) => integers(new Int32Array(count), true, isExact),
  INT64: (count: number, isExact: boolean) => longIntegers(new BigInt64Array(count), true, isExact),
  FP32: (count: number) => floats(new Float32Array(count)),
  FP64: (count: number) => floats(new Float64Array(count)),
  BYTES: strings,
} satisfies Partial<Record<Datatype, (count: number, isExact: boolean) => Target>>;

function booleans(array: Uint8Array): Target {
  return {
    store(value, index) {
      if (typeof value !== "boolean")
        throw jsonFault("data", "attempt to access JSON non-boolean as boolean");
      array[index] = value ? 1 : 0;
    },
    finish: () => array,
  };
}

/** Integers are cut to the width of the array, as a C cast does. */
function integers(
  array: Uint8Array | Uint16Array | Uint32Array | Int8Array | Int16Array | Int32Array,
  isSigned: boolean,
  isExact: boolean,
): Target {
  return {
    store(value, index) {
      if (typeof value === "number" && !isExact && isSafe(value, isSigned)) array[index] = value;
      else array[index] = Number(BigInt.asIntN(32, exactInteger(value, isSigned, isExact)));
    },
    finish: () => bytesOf(array),
  };
}

function longIntegers(array: BigInt64Array | BigUint64Array, isSigned: boolean, isExact: boolean): Target {
  return {
    store(value, index) {
      const isPlain = typeof value === "number" && !isExact && isSafe(value, isSigned);
      array[index] = isPlain ? BigInt(value) : exactInteger(value, isSigned, isExact);
    },
    finish: () => bytesOf(array),
  };
}

function isSafe(value: number, isSigned: boolean): boolean {
  return Number.isSafeInteger(value) && (isSigned || value >= 0);
}

function exactInteger(value: unknown, isSigned: boolean, isExact: boolean): bigint {
  if (typeof value === "bigint") {
    if (isSigned ? value === BigInt.asIntN(64, value) : value >= 0n) return value;
  } else if (!isExact && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw needsExactNumbers;
  }
  const kind = isSigned ? "signed-integer" : "unsigned-integer";
  throw jsonFault("data", `attempt to access JSON non-${kind} as ${kind}`);
}

function floats(array: Float32Array | Float64Array): Target {
  return {
    store(value, index) {
      if (typeof value === "number") array[index] = value;
      else if (typeof value === "bigint") array[index] = Number(value);
      else throw jsonFault("data", "attempt to access JSON non-number as double");
    },
    finish: () => bytesOf(array),
  };
}

function strings(): Target {
  const elements: string[] = [];
  return {
    store(value) {
      if (typeof value !== "string") throw jsonFault("data", "attempt to access JSON non-string as string");
      elements.push(value);
    },
    finish: () => encodeBytesElements(elements),
  };
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
