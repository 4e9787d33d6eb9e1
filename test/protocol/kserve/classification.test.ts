import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Datatype } from "../../../src/inference/datatype.js";
import type { TypedArray } from "../../../src/inference/tensor.js";
import { Tensor } from "../../../src/inference/tensor.js";
import { classify, formatFixed } from "../../../src/protocol/kserve/classification.js";
import { faultOf } from "./requests.js";

function output(datatype: Datatype, shape: readonly number[], array: TypedArray): Tensor {
  return new Tensor("A", datatype, shape, new Uint8Array(array.buffer));
}

function classes(tensor: Tensor) {
  return { shape: [...tensor.shape], elements: tensor.toStrings() };
}

const scores = output("FP32", [2, 3], new Float32Array([0.1, 0.7, 0.2, 5, -1, 3]));

test("names the greatest values of each item of a batch", () => {
  const found = classify(scores, 2, true, undefined);
  assert.is(found.datatype, "BYTES");
  assert.is(found.name, "A");
  assert.equal(classes(found), {
    shape: [2, 2],
    elements: ["0.700000:1", "0.200000:2", "5.000000:0", "3.000000:2"],
  });
});

test("takes an output without a batch as one item", () => {
  assert.equal(classes(classify(scores, 2, false, undefined)), {
    shape: [2],
    elements: ["5.000000:3", "3.000000:5"],
  });
});

test("has no more classes than values", () => {
  assert.equal(classes(classify(scores, 9, true, undefined)).shape, [2, 3]);
});

test("adds labels where there are any", () => {
  const labels = ["cat", "dog"];
  assert.equal(classes(classify(scores, 3, true, labels)).elements.slice(0, 3), [
    "0.700000:1:dog",
    "0.200000:2",
    "0.100000:0:cat",
  ]);
});

test("prints integers as they are", () => {
  const counts = output("INT64", [2], new BigInt64Array([5n, 2n ** 62n]));
  assert.equal(classes(classify(counts, 1, false, undefined)).elements, ["4611686018427387904:1"]);
});

test("orders equal values by index, and NaN last", () => {
  const ties = output("FP64", [4], new Float64Array([NaN, 1, 2, 1]));
  assert.equal(classes(classify(ties, 4, false, undefined)).elements, [
    "2.000000:2",
    "1.000000:1",
    "1.000000:3",
    "nan:0",
  ]);
});

test("prints six decimals as C does", () => {
  for (const [value, text] of [
    [1 / 128, "0.007812"],
    [3 / 128, "0.023438"],
    [-1 / 128, "-0.007812"],
    [1e22, "10000000000000000000000.000000"],
    [-Infinity, "-inf"],
    [-0, "-0.000000"],
    [123456.7890125, "123456.789012"],
  ] as const) {
    assert.is(formatFixed(value), text);
  }
});

test("refuses datatypes that have no order", () => {
  assert.is(
    faultOf(() => classify(output("BOOL", [1], new Uint8Array(1)), 1, false, undefined)),
    "INVALID_ARGUMENT: class result not available for output due to unsupported type 'BOOL'",
  );
});

test("refuses more than a million values", () => {
  assert.is(
    faultOf(() => classify(output("UINT8", [1_000_001], new Uint8Array(1_000_001)), 1, false, undefined)),
    "INVALID_ARGUMENT: classification output tensor too large",
  );
});

test.run();
