import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodeBytesElements } from "../../src/inference/bytes-elements.js";
import type { Datatype } from "../../src/inference/datatype.js";
import { Tensor } from "../../src/inference/tensor.js";

const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

const arrays: [Datatype, ArrayBufferView][] = [
  ["BOOL", Uint8Array.of(0, 1)],
  ["UINT8", Uint8Array.of(255)],
  ["UINT16", Uint16Array.of(65535)],
  ["UINT32", Uint32Array.of(4294967295)],
  ["UINT64", BigUint64Array.of(2n ** 64n - 1n)],
  ["INT8", Int8Array.of(-128)],
  ["INT16", Int16Array.of(-32768)],
  ["INT32", Int32Array.of(-2147483648)],
  ["INT64", BigInt64Array.of(-(2n ** 63n))],
  ["FP16", Uint16Array.of(0x3c00)],
  ["FP32", Float32Array.of(1.5)],
  ["FP64", Float64Array.of(1.5)],
  ["BF16", Uint16Array.of(0x3f80)],
];
for (const [datatype, array] of arrays) {
  test(`${datatype} data are a view of the tensor's bytes`, () => {
    const bytes = bytesOf(array);
    const { data } = new Tensor("x", datatype, [1], bytes);
    assert.equal(data, array);
    assert.is((data as Uint8Array).buffer, bytes.buffer);
  });
}

test("bytes that lie askew are copied, for no typed array can start there", () => {
  const bytes = new Uint8Array(9).subarray(1);
  bytes.set(bytesOf(Float64Array.of(2.5)));
  const { data } = new Tensor("x", "FP64", [1], bytes);
  assert.equal(data, Float64Array.of(2.5));
  assert.is.not((data as Float64Array).buffer, bytes.buffer);
});

test("BYTES data are one Buffer per element", () => {
  const tensor = new Tensor("x", "BYTES", [3], encodeBytesElements(["é", "", Buffer.from([0])]));
  assert.equal(tensor.data, [Buffer.from("é"), Buffer.alloc(0), Buffer.from([0])]);
  assert.equal(tensor.toStrings(), ["é", "", "\0"]);
});

test("every numeric datatype has a float32 form", () => {
  const float = (datatype: Datatype, array: ArrayBufferView) =>
    new Tensor("x", datatype, [1], bytesOf(array)).toFloat32Array();
  assert.equal(float("FP16", Uint16Array.of(0x3c00, 0xc000)), Float32Array.of(1, -2));
  assert.equal(float("BF16", Uint16Array.of(0x3f80, 0xc000)), Float32Array.of(1, -2));
  assert.equal(float("INT64", BigInt64Array.of(-3n)), Float32Array.of(-3));
  assert.equal(float("BOOL", Uint8Array.of(1)), Float32Array.of(1));
});

test("what a datatype cannot give is an error that names the tensor", () => {
  const text = new Tensor("t", "BYTES", [1], encodeBytesElements(["a"]));
  assert.throws(() => text.toFloat32Array(), /tensor 't' is BYTES/);
  const number = new Tensor("n", "FP32", [1], new Uint8Array(4));
  assert.throws(() => number.toStrings(), /tensor 'n' is FP32, expected BYTES/);
});

test.run();
