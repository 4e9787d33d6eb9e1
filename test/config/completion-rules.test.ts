import { test } from "uvu";
import * as assert from "uvu/assert";
import { autocomplete } from "../../src/config/autocomplete.js";
import type { ModelInput, ModelOutput } from "../../src/config/model-config.js";
import type { Signature } from "../../src/config/saved-model-signature.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { signatureOf } from "./example-signature.js";
import { rejects } from "./rejects.js";

// In what the Python backend's SavedModels differ; the rest is TensorFlow's, in autocomplete.test.ts.

const batchable = signatureOf(
  { a: ["DT_FLOAT", [-1, 16]], b: ["DT_STRING", [-1, -1]] },
  { y: ["DT_INT32", [-1, 4]], z: ["DT_HALF", [-1, 2]] },
);

const python = 'backend: "python" platform: "tensorflow_savedmodel"';
const completed = (text: string, signature: Signature, defaultMaxBatchSize = 4) =>
  autocomplete(configOf(`${python} ${text}`), signature, defaultMaxBatchSize).config;

const dims = (tensors: readonly (ModelInput | ModelOutput)[]) =>
  tensors.map(({ name, dims }) => [name, dims]);

test("batches are of up to 4, whatever the backend's option says, and form by themselves", () => {
  for (const option of [0, 4, 16]) {
    const config = completed("", batchable, option);
    assert.is(config.maxBatchSize, 4);
    assert.ok(config.dynamicBatching);
    assert.equal(dims(config.input), [
      ["a", [16]],
      ["b", [-1]],
    ]);
  }
});

test("max_batch_size of the configuration stays, and what is added has no batch dimension", () => {
  const config = completed('max_batch_size: 32 input { name: "a" }', batchable);
  assert.is(config.maxBatchSize, 32);
  assert.is(config.dynamicBatching, undefined);
  assert.equal(dims(config.input), [
    ["a", [16]],
    ["b", [-1]],
  ]);
  rejects(
    () => completed("max_batch_size: 32", signatureOf({ a: ["DT_FLOAT", [2]] }, {})),
    Code.INVALID_ARGUMENT,
    "The model signature does not support batching, yet model config has max_batch_size set to '32'",
  );
});

test("all outputs are added to those listed", () => {
  const config = completed('output { name: "z" data_type: TYPE_FP16 dims: 2 }', batchable);
  assert.equal(dims(config.output), [
    ["z", [2]],
    ["y", [4]],
  ]);
});

test("a tensor that the model lacks does not forbid batches; dims that have the batch dimension do", () => {
  assert.is(completed('output { name: "unknown" dims: 4 }', batchable).maxBatchSize, 4);
  const config = completed('input { name: "a" dims: [-1, 16] }', batchable);
  assert.is(config.maxBatchSize, 0);
  assert.equal(dims(config.output), [
    ["y", [-1, 4]],
    ["z", [-1, 2]],
  ]);
});

test("a tensor of unknown rank is [-1], in a batch and without", () => {
  const unknown = signatureOf({ a: ["DT_FLOAT", undefined] }, { y: ["DT_FLOAT", [-1, 2]] });
  assert.equal(dims(completed("", unknown).input), [["a", [-1]]]);
  assert.is(completed("", unknown).maxBatchSize, 4);
  const fixed = signatureOf({ a: ["DT_FLOAT", undefined] }, { y: ["DT_FLOAT", [3, 2]] });
  assert.equal(dims(completed("", fixed).input), [["a", [-1]]]);
  assert.is(completed("", fixed).maxBatchSize, 0);
});

test("a scalar forbids batches, and has no dims that could be added", () => {
  const scalar = signatureOf({ a: ["DT_FLOAT", []] }, { y: ["DT_FLOAT", [-1, 2]] });
  const config = completed('input { name: "a" data_type: TYPE_FP32 dims: 1 }', scalar);
  assert.is(config.maxBatchSize, 0);
  rejects(
    () => completed("", scalar),
    Code.INVALID_ARGUMENT,
    "Unable to autofill for 'm': the rank of model tensor 'a' is 0 and dimensions are not defined",
  );
});

test.run();
