import { test } from "uvu";
import * as assert from "uvu/assert";
import type { BatchOutput } from "../../src/engine/completions.js";
import { scatterOutput } from "../../src/engine/scatter-output.js";
import { encodeBytesElements } from "../../src/inference/bytes-elements.js";
import { Code } from "../../src/inference/serving-error.js";
import type { Shape } from "../../src/inference/shape.js";
import { rejects } from "../config/rejects.js";

/** A flat output of the numbers given, behind eight other bytes of its buffer. */
function numbers(values: readonly number[], shape: Shape = [values.length]): BatchOutput {
  const bytes = Float32Array.of(0, 0, ...values);
  return {
    position: 0,
    datatype: "FP32",
    shape: [...shape],
    buffer: bytes.buffer,
    byteOffset: 8,
    byteLength: bytes.byteLength - 8,
    rowEnds: undefined,
  };
}

const scatter = (shape: Shape) => ({ output: "y", sourceName: "x", shape, source: 0 });

function parts(output: BatchOutput, shape: Shape, ...sources: (Shape | undefined)[]) {
  return scatterOutput(output, scatter(shape), sources).map(({ shape: part, bytes }) => [
    part,
    [...new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)],
  ]);
}

test("variable dimensions are the source's of the same index, the others the output's own", () => {
  assert.equal(parts(numbers([1, 2, 3, 4, 5, 6, 7, 8]), [-1, 2, -1], [1, 9, 1], [1, 9, 3]), [
    [
      [1, 2, 1],
      [1, 2],
    ],
    [
      [1, 2, 3],
      [3, 4, 5, 6, 7, 8],
    ],
  ]);
});

test("a request without elements gets none", () => {
  assert.equal(parts(numbers([1]), [-1, -1], [1, 0], [1, 1], [2, 0]), [
    [[1, 0], []],
    [[1, 1], [1]],
    [[2, 0], []],
  ]);
});

test("how the model shapes the list does not matter", () => {
  assert.equal(parts(numbers([1, 2], [2, 1]), [-1, -1], [1, 2]), [
    [
      [1, 2],
      [1, 2],
    ],
  ]);
});

test("more or fewer elements than the shapes call for are a fault of the model", () => {
  for (const given of [[1], [1, 2, 3]]) {
    rejects(
      () => parts(numbers(given), [-1, -1], [1, 2]),
      Code.INTERNAL,
      "failed to split the output tensor 'y' in responses: " +
        `the shapes of input 'x' call for 2 elements, the model gave ${given.length}`,
    );
  }
});

test("a source that is missing, or has too few dimensions, gives no shape", () => {
  rejects(
    () => parts(numbers([1]), [-1, -1], undefined),
    Code.INTERNAL,
    /a request of the batch has no input 'x'$/,
  );
  rejects(
    () => parts(numbers([1]), [-1, -1], [1]),
    Code.INTERNAL,
    /it takes dimensions of input 'x', which has only shape \[1\]$/,
  );
});

test("strings are cut where they end, if they come as one list", () => {
  const bytes = encodeBytesElements(["a", "", "long one"]);
  const output: BatchOutput = {
    position: 0,
    datatype: "BYTES",
    shape: [3],
    buffer: bytes.buffer as ArrayBuffer,
    byteOffset: bytes.byteOffset,
    byteLength: bytes.byteLength,
    rowEnds: [5, 9, bytes.byteLength],
  };
  const cut = scatterOutput(output, scatter([-1, -1]), [
    [1, 2],
    [1, 0],
    [1, 1],
  ]);
  assert.equal(
    cut.map((part) => [part.shape, Buffer.from(part.bytes)]),
    [
      [[1, 2], Buffer.from(encodeBytesElements(["a", ""]))],
      [[1, 0], Buffer.from([])],
      [[1, 1], Buffer.from(encodeBytesElements(["long one"]))],
    ],
  );
  rejects(
    () =>
      scatterOutput({ ...output, shape: [1, 3], rowEnds: [bytes.byteLength] }, scatter([-1, -1]), [[1, 3]]),
    Code.INTERNAL,
    /strings have to come as a flat list, the model gave shape \[1,3\]$/,
  );
});

test.run();
