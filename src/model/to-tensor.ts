import type { Datatype } from "../inference/datatype.js";
import { invalidArgument } from "../inference/serving-error.js";
import { elementCount, formatShape, type Shape } from "../inference/shape.js";
import { Tensor, type TypedArray } from "../inference/tensor.js";
import { encodeElements } from "./encode-elements.js";
import type { FlatShape } from "./flat-shape.js";
import { flatten, type NestedArray } from "./nested-array.js";

/** A single element. Strings and bytes are for BYTES, booleans for BOOL. */
export type ElementValue = number | bigint | boolean | string | Uint8Array;

/** Elements: flat in the datatype's own typed array (passed on without a copy), nested, or just one. */
export type TensorData = TypedArray | Uint8ClampedArray | NestedArray<ElementValue> | ElementValue;

/**
 * What `infer` takes for an input. Nested arrays have a shape of their own; flat data gets the one that the model's
 * configuration leaves no choice about, else it is to be given along.
 */
export type InputValue = TensorData | Tensor | { readonly data: TensorData; readonly shape: Shape };

/** What is known of the input. */
export interface InputDescription {
  readonly name: string;
  readonly datatype: Datatype;
  /** Dimensions, the batch dimension included. */
  readonly rank: number;
  readonly flatShape: FlatShape;
}

/**
 * An input as a tensor. A typed array's memory is not copied.
 *
 * @throws {ServingError} `INVALID_ARGUMENT` naming the input, what was expected and what was given
 */
export function toTensor(input: InputDescription, value: InputValue): Tensor {
  const { name, datatype, flatShape } = input;
  if (value instanceof Tensor) {
    return value.name === name ? value : new Tensor(name, value.datatype, value.shape, value.bytes);
  }
  if (isShaped(value)) {
    const { count, bytes } = readData(datatype, value.data, name);
    if (count === elementCount(value.shape)) return new Tensor(name, datatype, value.shape, bytes);
    throw invalidArgument(
      `input '${name}': shape ${formatShape(value.shape)} has ${elementCount(value.shape)} elements, the data ${count}`,
    );
  }
  const { count, bytes, shape } = readData(datatype, value as TensorData, name);
  const isShapeItsOwn = shape !== undefined && (shape.length > 1 || input.rank === 1);
  return new Tensor(name, datatype, isShapeItsOwn ? shape : flatShape.of(count, name), bytes);
}

interface ReadData {
  readonly count: number;
  readonly bytes: Uint8Array;
  /** Of nested arrays. */
  readonly shape: Shape | undefined;
}

function readData(datatype: Datatype, data: TensorData, input: string): ReadData {
  // A lone Uint8Array given for BYTES is one element.
  if (ArrayBuffer.isView(data) && datatype !== "BYTES") return readTypedArray(datatype, data, input);
  const where = `input '${input}'`;
  if (!Array.isArray(data)) {
    return { count: 1, bytes: encodeElements(datatype, [data], where), shape: undefined };
  }
  const isElement = (value: unknown) => datatype === "BYTES" && value instanceof Uint8Array;
  const { shape, elements } = flatten(data, isElement, where);
  return { count: elements.length, bytes: encodeElements(datatype, elements, where), shape };
}

/** Names of the typed arrays whose memory is a tensor of the datatype as it is. FP16 and BF16 are 16-bit patterns. */
const arrayNames: Record<Exclude<Datatype, "BYTES">, readonly string[]> = {
  BOOL: ["Uint8Array"],
  UINT8: ["Uint8Array", "Uint8ClampedArray"],
  UINT16: ["Uint16Array"],
  UINT32: ["Uint32Array"],
  UINT64: ["BigUint64Array"],
  INT8: ["Int8Array"],
  INT16: ["Int16Array"],
  INT32: ["Int32Array"],
  INT64: ["BigInt64Array"],
  FP16: ["Uint16Array", "Float16Array"],
  FP32: ["Float32Array"],
  FP64: ["Float64Array"],
  BF16: ["Uint16Array"],
};

function readTypedArray(
  datatype: Exclude<Datatype, "BYTES">,
  data: TypedArray | Uint8ClampedArray,
  input: string,
): ReadData {
  const expected = arrayNames[datatype];
  // The tag is the same for classes derived from it: a Buffer is a Uint8Array.
  const given = data[Symbol.toStringTag];
  if (!expected.includes(given)) {
    throw invalidArgument(`input '${input}' is ${datatype}: expected ${expected.join(" or ")}, got ${given}`);
  }
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { count: data.length, bytes, shape: undefined };
}

function isShaped(value: Exclude<InputValue, Tensor>): value is { data: TensorData; shape: Shape } {
  return typeof value === "object" && !Array.isArray(value) && !ArrayBuffer.isView(value) && "data" in value;
}
