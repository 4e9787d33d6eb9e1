import { test } from "uvu";
import * as assert from "uvu/assert";
import { sampleShapes } from "../../src/config/sample-shapes.js";
import { configOf } from "./example-config.js";

const inputs = `
  input [
    { name: "a" data_type: TYPE_FP32 dims: [ -1, 4 ] },
    { name: "b" data_type: TYPE_FP32 dims: [ -1 ] },
    { name: "c" data_type: TYPE_FP32 dims: [ 6 ] reshape { shape: [2, 3] } }
  ]`;

const sample = (batchSize: number, dims: Readonly<Record<string, string>>) =>
  `model_warmup { name: "w" batch_size: ${batchSize} ${Object.entries(dims)
    .map(
      ([name, text]) =>
        `inputs { key: "${name}" value { data_type: TYPE_FP32 dims: ${text} zero_data: true } }`,
    )
    .join(" ")} }`;

const shapes = (...samples: readonly string[]) => sampleShapes(configOf(inputs + samples.join(" ")));

test("without warm-up samples nothing is known", () => {
  assert.equal(shapes(), [[], [], []]);
});

test("inputs have the dims of the first sample that has them and is run", () => {
  const found = shapes(
    sample(0, { a: "[9, 4]" }),
    sample(1, { a: "[7, 4]" }),
    sample(2, { a: "[5, 4]", b: "[3]" }),
  );
  assert.equal(found, [[7, 4], [3], []]);
});

test("dims of an input that the model sees reshaped, or that are open, tell nothing", () => {
  assert.equal(shapes(sample(1, { b: "[-1]", c: "[6]" })), [[], [], []]);
});

test.run();
