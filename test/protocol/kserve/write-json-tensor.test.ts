import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Datatype } from "../../../src/inference/datatype.js";
import { Tensor } from "../../../src/inference/tensor.js";
import { readJsonTensor } from "../../../src/protocol/kserve/read-json-tensor.js";
import { formatDouble, writeJsonTensor } from "../../../src/protocol/kserve/write-json-tensor.js";
import { faultOf } from "./requests.js";

function written(datatype: Datatype, array: ArrayBufferView): string {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return writeJsonTensor(new Tensor("X", datatype, [], bytes));
}

test("writes floats as the double they equal", () => {
  assert.is(written("FP32", new Float32Array([0.1, 1, -2.5])), "[0.10000000149011612,1.0,-2.5]");
  assert.is(written("FP64", new Float64Array([0.1, 1 / 3])), "[0.1,0.3333333333333333]");
});

test("writes every float with a fraction or an exponent", () => {
  for (const [value, text] of [
    [0, "0.0"],
    [-0, "-0.0"],
    [123456789012345680000, "123456789012345680000.0"],
    [1e21, "1e21"],
    [-1.5e300, "-1.5e300"],
    [0.000001, "0.000001"],
    [1e-7, "1e-7"],
    [5e-324, "5e-324"],
  ] as const) {
    assert.is(formatDouble(value), text);
  }
});

test("writes NaN and infinities as the words that requests may use", () => {
  assert.is(written("FP32", new Float32Array([NaN, Infinity, -Infinity])), "[NaN,Infinity,-Infinity]");
});

test("writes integers with all their digits", () => {
  assert.is(
    written("INT64", new BigInt64Array([2n ** 63n - 1n, -(2n ** 63n)])),
    "[9223372036854775807,-9223372036854775808]",
  );
  assert.is(written("UINT64", new BigUint64Array([2n ** 64n - 1n])), "[18446744073709551615]");
  assert.is(written("INT8", new Int8Array([-128, 127])), "[-128,127]");
  assert.is(written("UINT32", new Uint32Array([4294967295])), "[4294967295]");
});

test("writes booleans and strings", () => {
  assert.is(written("BOOL", new Uint8Array([1, 0])), "[true,false]");
  assert.is(
    written("BYTES", Buffer.from('\x02\0\0\0"\n\0\0\0\0\x02\0\0\0\xc3\xa9', "latin1")),
    '["\\"\\n","","é"]',
  );
});

test("writes no elements as an empty array", () => {
  for (const datatype of ["FP32", "INT64", "BOOL", "BYTES"] as const) {
    assert.is(written(datatype, new Uint8Array(0)), "[]");
  }
});

test("half precision goes out as binary data only", () => {
  for (const datatype of ["FP16", "BF16"] as const) {
    assert.is(
      faultOf(() => written(datatype, new Uint16Array(1))),
      `INVALID_ARGUMENT: sending ${datatype} data via JSON is not supported. Please use the binary data format for output`,
    );
  }
});

test("floats survive the way out and back", () => {
  const values = Float32Array.from({ length: 10_000 }, (_, i) =>
    Math.fround(Math.sin(i) * 10 ** ((i % 60) - 30)),
  );
  const read = readJsonTensor("X", "FP32", values.length, JSON.parse(written("FP32", values)), false);
  assert.ok(Buffer.from(read).equals(Buffer.from(values.buffer)));
});

test.run();
