import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Datatype } from "../../src/inference/datatype.js";
import { bfloat16ToFloat32, float16ToFloat32 } from "../../src/inference/half-precision.js";
import type { Shape } from "../../src/inference/shape.js";
import { Tensor } from "../../src/inference/tensor.js";
import { FlatShape } from "../../src/model/flat-shape.js";
import { type InputValue, toTensor } from "../../src/model/to-tensor.js";

function tensor(datatype: Datatype, shape: Shape, value: unknown): Tensor {
  const input = { name: "x", datatype, rank: shape.length, flatShape: new FlatShape(shape) };
  return toTensor(input, value as InputValue);
}

test("a typed array's memory is passed on without a copy", () => {
  const data = new Float32Array(8).subarray(2, 8);
  const { bytes, shape } = tensor("FP32", [-1, 3], data);
  assert.is(bytes.buffer, data.buffer);
  assert.is(bytes.byteOffset, 8);
  assert.is(bytes.byteLength, 24);
  assert.equal(shape, [2, 3]);
});

test("flat data takes the shape that leaves no choice", () => {
  assert.equal(tensor("FP32", [2, 3], new Float32Array(6)).shape, [2, 3]);
  assert.equal(tensor("FP32", [-1, 2, 3], new Float32Array(12)).shape, [2, 2, 3]);
  assert.equal(tensor("FP32", [2, -1], new Float32Array(6)).shape, [2, 3]);
  assert.equal(tensor("FP32", [-1], new Float32Array(6)).shape, [6]);
  assert.equal(tensor("FP32", [-1, 3], [1, 2, 3]).shape, [1, 3]);
});

test("flat data that fits in no way or in several is refused", () => {
  assert.throws(
    () => tensor("FP32", [2, 3], new Float32Array(5)),
    /^input 'x': expected 6 elements for \[2,3\], got 5$/,
  );
  assert.throws(
    () => tensor("FP32", [-1, 3], new Float32Array(5)),
    /^input 'x': expected a multiple of 3 elements for \[-1,3\], got 5$/,
  );
  assert.throws(() => tensor("FP32", [-1, -1], new Float32Array(6)), /pass \{ data, shape \}/);
});

test("a shape may be given along, and must have as many elements as the data", () => {
  assert.equal(tensor("FP32", [-1, -1], { data: new Float32Array(6), shape: [3, 2] }).shape, [3, 2]);
  assert.equal(tensor("INT64", [-1, -1], { data: [1, 2], shape: [1, 2] }).data, BigInt64Array.of(1n, 2n));
  assert.throws(
    () => tensor("FP32", [-1, -1], { data: new Float32Array(6), shape: [3, 3] }),
    /^input 'x': shape \[3,3\] has 9 elements, the data 6$/,
  );
});

test("nested arrays have a shape of their own", () => {
  const { shape, data } = tensor(
    "INT32",
    [-1, -1, 2],
    [
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ],
  );
  assert.equal(shape, [1, 3, 2]);
  assert.equal(data, Int32Array.of(1, 2, 3, 4, 5, 6));
});

test("rows may be typed arrays", () => {
  const { shape, data } = tensor("FP32", [-1, 2], [Float32Array.of(1, 2), Float32Array.of(3, 4)]);
  assert.equal(shape, [2, 2]);
  assert.equal(data, Float32Array.of(1, 2, 3, 4));
});

test("ragged nested arrays are refused", () => {
  assert.throws(
    () => tensor("FP32", [-1, -1], [[1, 2], [3]]),
    /arrays of 2 and of 1 elements lie side by side/,
  );
  assert.throws(() => tensor("FP32", [-1, -1], [[1, 2], 3]), /arrays and elements lie side by side/);
  assert.throws(() => tensor("FP32", [-1], [1, [2]]), /arrays and elements lie side by side/);
});

test("a single value is one element", () => {
  assert.equal(tensor("FP32", [-1, 1], 2).shape, [1, 1]);
  assert.equal(tensor("INT64", [1], 2n).data, BigInt64Array.of(2n));
  assert.equal(tensor("BOOL", [1], true).data, Uint8Array.of(1));
  assert.equal(tensor("BYTES", [-1, 1], "é").toStrings(), ["é"]);
});

const conversions: [Datatype, readonly unknown[], unknown][] = [
  ["BOOL", [true, 0, 1, false], Uint8Array.of(1, 0, 1, 0)],
  ["UINT8", [0, 255], Uint8Array.of(0, 255)],
  ["INT8", [-128, 127], Int8Array.of(-128, 127)],
  ["UINT16", [65535], Uint16Array.of(65535)],
  ["INT16", [-32768], Int16Array.of(-32768)],
  ["UINT32", [4294967295, 7n], Uint32Array.of(4294967295, 7)],
  ["INT32", [-2147483648], Int32Array.of(-2147483648)],
  ["UINT64", [2n ** 64n - 1n, 5], BigUint64Array.of(2n ** 64n - 1n, 5n)],
  ["INT64", [-(2n ** 63n), -5], BigInt64Array.of(-(2n ** 63n), -5n)],
  ["FP32", [0.1, Number.POSITIVE_INFINITY], Float32Array.of(0.1, Number.POSITIVE_INFINITY)],
  ["FP64", [0.1, -0], Float64Array.of(0.1, -0)],
];
for (const [datatype, values, expected] of conversions) {
  test(`plain numbers become ${datatype}`, () => {
    assert.equal(tensor(datatype, [-1], values).data, expected);
  });
}

test("plain numbers become FP16 and BF16, rounded to nearest", () => {
  const half = tensor("FP16", [-1], [1, 65504, 1 / 3]).data as Uint16Array;
  assert.equal(float16ToFloat32(half), Float32Array.of(1, 65504, 0.333251953125));
  const brain = tensor("BF16", [-1], [1, 1 / 3]).data as Uint16Array;
  assert.equal(bfloat16ToFloat32(brain), Float32Array.of(1, 0.333984375));
});

test("FP16 and BF16 are given as 16-bit patterns in a Uint16Array", () => {
  for (const datatype of ["FP16", "BF16"] as const) {
    assert.equal(tensor(datatype, [-1], Uint16Array.of(0x3c00)).data, Uint16Array.of(0x3c00));
  }
});

const refusals: [Datatype, unknown, RegExp][] = [
  [
    "UINT8",
    [1, 256],
    /^input 'x': element 1 is 256 \(number\), expected an integer from 0 to 255 for UINT8$/,
  ],
  [
    "INT32",
    [1.5],
    /element 0 is 1.5 \(number\), expected an integer from -2147483648 to 2147483647 for INT32/,
  ],
  ["INT64", [2 ** 53], /expected an integer, a bigint from 2\^53 on for INT64/],
  ["UINT64", [-1], /expected an integer from 0 to 18446744073709551615 for UINT64/],
  ["FP32", ["1"], /element 0 is "1" \(string\), expected a number for FP32/],
  ["FP32", [1n], /expected a number for FP32/],
  ["BOOL", [2], /expected true, false, 1 or 0 for BOOL/],
  ["BYTES", [1], /element 0 is 1 \(number\), expected a string, Buffer or Uint8Array for BYTES/],
];
for (const [datatype, value, message] of refusals) {
  test(`${datatype} refuses ${typeof (value as unknown[])[0]} ${value}`, () => {
    assert.throws(() => tensor(datatype, [-1], value), message);
  });
}

test("a typed array of another type is refused, not reinterpreted", () => {
  assert.throws(
    () => tensor("FP32", [-1], new Float64Array(1)),
    /^input 'x' is FP32: expected Float32Array, got Float64Array$/,
  );
  assert.throws(() => tensor("INT64", [-1], new Int32Array(2)), /expected BigInt64Array, got Int32Array/);
});

test("a Buffer is a Uint8Array", () => {
  assert.equal(tensor("UINT8", [-1], Buffer.from([1, 2])).shape, [2]);
  assert.equal(tensor("UINT8", [-1], Uint8ClampedArray.of(1, 2)).data, Uint8Array.of(1, 2));
});

test("BYTES elements are strings or byte arrays; a lone Buffer is one element", () => {
  const { shape, data } = tensor("BYTES", [-1, 2], [["a", Buffer.from([0, 1])]]);
  assert.equal(shape, [1, 2]);
  assert.equal(data, [Buffer.from("a"), Buffer.from([0, 1])]);
  assert.equal(tensor("BYTES", [-1, 1], Buffer.from("jpeg")).toStrings(), ["jpeg"]);
});

test("a Tensor is taken as it is, under the input's name", () => {
  const given = new Tensor("x", "FP32", [1], new Uint8Array(4));
  assert.is(tensor("FP32", [-1], given), given);
  const other = new Tensor("y", "FP32", [1], new Uint8Array(4));
  assert.is(tensor("FP32", [-1], other).name, "x");
  assert.is(tensor("FP32", [-1], other).bytes, other.bytes);
});

test.run();
