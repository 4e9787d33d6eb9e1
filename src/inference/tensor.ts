import { decodeBytesElements } from "./bytes-elements.js";
import type { Datatype } from "./datatype.js";
import { bfloat16ToFloat32, float16ToFloat32 } from "./half-precision.js";
import type { Shape } from "./shape.js";

/** Element arrays by datatype. FP16 and BF16 are given as their 16-bit patterns. BYTES has no typed array. */
export type TypedArray =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

type TypedArrayConstructor = {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray;
};

const arrayTypes: Record<Exclude<Datatype, "BYTES">, TypedArrayConstructor> = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
  BF16: Uint16Array,
};

/**
 * A named n-dimensional array. The bytes are row-major and little-endian; each BYTES element is a 32-bit
 * little-endian length and that many bytes, elements one after another.
 *
 * @see KServe v2 "Binary Tensor Data Extension", whose layout this is
 */
export class Tensor {
  readonly name: string;
  readonly datatype: Datatype;
  /** Includes the batch dimension where the model has one. */
  readonly shape: Shape;
  /** A view; of a received body or of an engine's memory. */
  readonly bytes: Uint8Array;

  constructor(name: string, datatype: Datatype, shape: Shape, bytes: Uint8Array) {
    this.name = name;
    this.datatype = datatype;
    this.shape = shape;
    this.bytes = bytes;
  }

  /**
   * The elements, flat and row-major, as the typed array of the datatype: a view where the alignment allows, else a
   * copy. BOOL is a Uint8Array of 0 and 1, 64-bit integers are BigInt arrays, FP16 and BF16 are 16-bit patterns
   * (see {@link toFloat32Array}), BYTES is one Buffer per element (see {@link toStrings}).
   */
  get data(): TypedArray | Buffer[] {
    if (this.datatype === "BYTES") return decodeBytesElements(this.bytes);
    return typedView(this.datatype, this.bytes);
  }

  /** The elements as float32, exact for FP16, BF16 and FP32, rounded for the rest. Throws TypeError for BYTES. */
  toFloat32Array(): Float32Array {
    const data = this.data;
    if (Array.isArray(data)) throw new TypeError(`tensor '${this.name}' is BYTES and has no float32 form`);
    if (this.datatype === "FP16") return float16ToFloat32(data as Uint16Array);
    if (this.datatype === "BF16") return bfloat16ToFloat32(data as Uint16Array);
    if (data instanceof Float32Array) return data;
    return Float32Array.from(data as ArrayLike<number | bigint>, Number);
  }

  /** BYTES elements decoded as UTF-8. Throws TypeError for other datatypes. */
  toStrings(): string[] {
    if (this.datatype !== "BYTES") {
      throw new TypeError(`tensor '${this.name}' is ${this.datatype}, expected BYTES`);
    }
    return decodeBytesElements(this.bytes).map((element) => element.toString("utf8"));
  }
}

function typedView(datatype: Exclude<Datatype, "BYTES">, bytes: Uint8Array): TypedArray {
  const Type = arrayTypes[datatype];
  const length = bytes.byteLength / Type.BYTES_PER_ELEMENT;
  if (bytes.byteOffset % Type.BYTES_PER_ELEMENT === 0)
    return new Type(bytes.buffer, bytes.byteOffset, length);
  const copy = bytes.slice();
  return new Type(copy.buffer, copy.byteOffset, length);
}
