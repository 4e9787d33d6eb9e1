import { test } from "uvu";
import * as assert from "uvu/assert";
import { autocomplete } from "../../src/config/autocomplete.js";
import type { ModelInput, ModelOutput } from "../../src/config/model-config.js";
import type { Signature } from "../../src/config/saved-model-signature.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { signatureOf } from "./example-signature.js";
import { rejects } from "./rejects.js";

const batchable = signatureOf(
  { a: ["DT_FLOAT", [-1, 16]], b: ["DT_STRING", [-1, -1]] },
  { y: ["DT_INT32", [-1, 4]], z: ["DT_HALF", [-1, 2]] },
);
const fixed = signatureOf({ a: ["DT_FLOAT", [2, 16]] }, { y: ["DT_INT32", [-1, 4]] });

function completed(text: string, signature: Signature, defaultMaxBatchSize = 4) {
  const { config, warnings } = autocomplete(configOf(text), signature, defaultMaxBatchSize);
  return { ...config, warnings };
}

const summary = (tensors: readonly (ModelInput | ModelOutput)[]) =>
  tensors.map(({ name, dataType, dims, reshape }) =>
    reshape ? [name, dataType, dims, reshape.shape] : [name, dataType, dims],
  );

test("an empty configuration gets everything", () => {
  const config = completed("", batchable);
  assert.is(config.maxBatchSize, 4);
  assert.equal(summary(config.input), [
    ["a", "TYPE_FP32", [16]],
    ["b", "TYPE_STRING", [-1]],
  ]);
  assert.equal(summary(config.output), [
    ["y", "TYPE_INT32", [4]],
    ["z", "TYPE_FP16", [2]],
  ]);
  assert.ok(config.dynamicBatching);
  assert.is(config.warnings.length, 1);
});

test("a signature with a fixed first dimension is not batched", () => {
  const config = completed("", fixed);
  assert.is(config.maxBatchSize, 0);
  assert.equal(summary(config.input), [["a", "TYPE_FP32", [2, 16]]]);
  assert.equal(summary(config.output), [["y", "TYPE_INT32", [-1, 4]]]);
  assert.is(config.dynamicBatching, undefined);
  assert.equal(config.warnings, []);
});

test("unknown ranks and scalars do not stand in the way of batching", () => {
  const signature = signatureOf(
    { a: ["DT_FLOAT", [-1, 16]], b: ["DT_FLOAT", undefined], c: ["DT_BOOL", []] },
    { y: ["DT_INT32", [-1, 4]] },
  );
  const dims = (name: string) => `{ name: "${name}" data_type: TYPE_BOOL dims: 1 }`;
  assert.is(completed(`input [${dims("b")}, ${dims("c")}, { name: "a" }]`, signature).maxBatchSize, 4);
});

test("max_batch_size of the configuration stays", () => {
  const config = completed("max_batch_size: 32", batchable);
  assert.is(config.maxBatchSize, 32);
  assert.equal(config.warnings, []);
  rejects(
    () => completed("max_batch_size: 32", fixed),
    Code.INTERNAL,
    "unable to autofill for 'm', configuration specified max-batch 32 but model signature does not support batching",
  );
});

test("the default of max_batch_size is the backend's", () => {
  assert.is(completed("", batchable, 16).maxBatchSize, 16);
  const off = completed("", batchable, 0);
  assert.is(off.maxBatchSize, 0);
  assert.equal(summary(off.input)[0], ["a", "TYPE_FP32", [-1, 16]]);
});

test("a default of 0 does not forbid what the configuration asks for", () => {
  const config = completed("max_batch_size: 8", batchable, 0);
  assert.equal(summary(config.input)[0], ["a", "TYPE_FP32", [16]]);
});

test("dims listed without the batch dimension speak for batching, with it against", () => {
  assert.is(completed('input { name: "a" dims: 16 }', batchable).maxBatchSize, 4);
  const against = completed('output { name: "y" dims: [-1, 4] }', batchable);
  assert.is(against.maxBatchSize, 0);
  assert.equal(summary(against.input)[0], ["a", "TYPE_FP32", [-1, 16]]);
  assert.equal(summary(against.output), [["y", "TYPE_INT32", [-1, 4]]]);
});

test("of a reshape, the model's side speaks", () => {
  const config = completed('input { name: "a" dims: [4, 4] reshape { shape: 16 } }', batchable);
  assert.is(config.maxBatchSize, 4);
});

test("tensors that contradict each other are an error", () => {
  rejects(
    () => completed('input [ { name: "a" dims: 16 }, { name: "b" dims: [-1, -1] } ]', batchable),
    Code.INTERNAL,
    "unable to autofill for 'm', model tensor configurations are contradicting each other in terms of whether batching is supported",
  );
});

test("a tensor without dims speaks for batching where none with dims speaks", () => {
  assert.is(completed('input { name: "a" }', batchable).maxBatchSize, 4);
  assert.is(completed('input { name: "a" } output { name: "y" dims: [-1, 4] }', batchable).maxBatchSize, 0);
});

test("a ragged input decides for batching", () => {
  const text =
    'input { name: "a" dims: [-1, 16] allow_ragged_batch: true } output { name: "y" dims: [-1, 4] }';
  assert.is(completed(text, batchable).maxBatchSize, 4);
});

test("tensors that the model lacks do not speak, and are left to the check", () => {
  const config = completed('output { name: "unknown" dims: 4 }', batchable);
  assert.is(config.maxBatchSize, 0);
  assert.equal(summary(config.output), [["unknown", "TYPE_INVALID", [4]]]);
});

test("what is listed stays and comes first", () => {
  const config = completed('input { name: "b" data_type: TYPE_STRING dims: 7 optional: true }', batchable);
  assert.equal(summary(config.input), [
    ["b", "TYPE_STRING", [7]],
    ["a", "TYPE_FP32", [16]],
  ]);
  assert.ok(config.input[0]?.optional);
});

test("outputs are all there or those listed", () => {
  assert.equal(summary(completed('output { name: "z" }', batchable).output), [["z", "TYPE_FP16", [2]]]);
});

test("inputs that the server makes are not added", () => {
  const text = `
    batch_input { target_name: "b" }
    sequence_batching { control_input { name: "a" control { kind: CONTROL_SEQUENCE_START } } }`;
  assert.equal(completed(text, batchable).input, []);
});

test("a tensor of nothing but the batch is one element per row for clients", () => {
  const signature = signatureOf({ a: ["DT_STRING", [-1]] }, { y: ["DT_FLOAT", [-1]] });
  const config = completed("", signature);
  assert.equal(summary(config.input), [["a", "TYPE_STRING", [1], []]]);
  assert.equal(summary(config.output), [["y", "TYPE_FP32", [1], []]]);
  assert.equal(summary(completed("", signature, 0).input), [["a", "TYPE_STRING", [-1]]]);
});

test("scalars and unknown ranks need dims in the configuration", () => {
  for (const shape of [[], undefined]) {
    const input = signatureOf({ a: ["DT_FLOAT", shape] }, { y: ["DT_FLOAT", [-1]] });
    rejects(
      () => completed("", input),
      Code.INVALID_ARGUMENT,
      "Unable to autofill for 'm': the rank of model tensor 'a' is 0 and dimensions are not defined",
    );
    assert.equal(summary(completed('input { name: "a" dims: 3 }', input).input), [["a", "TYPE_FP32", [3]]]);
    rejects(
      () => completed("", signatureOf({ a: ["DT_FLOAT", [-1]] }, { y: ["DT_FLOAT", shape] })),
      Code.INVALID_ARGUMENT,
      "Unable to autofill for 'm': the rank of model tensor 'y' is 0 which is not supported",
    );
  }
});

test("tensors need names", () => {
  for (const text of ["input { dims: 1 }", "output { dims: 1 }"]) {
    rejects(
      () => completed(text, batchable),
      Code.INVALID_ARGUMENT,
      "'name' is a required field for all inputs/outputs.",
    );
  }
});

test("types that no client can send are refused", () => {
  rejects(
    () => completed("", signatureOf({ a: ["DT_COMPLEX64", [-1, 2]] }, {})),
    Code.INVALID_ARGUMENT,
    "unable to process input 'a' for 'm', unsupported datatype 'DT_COMPLEX64'",
  );
});

test("batches form by themselves where max_batch_size is above 1 and nothing else schedules", () => {
  assert.is(completed("max_batch_size: 1", batchable).dynamicBatching, undefined);
  assert.is(completed("max_batch_size: 2 sequence_batching {}", batchable).dynamicBatching, undefined);
  const own = completed("dynamic_batching { max_queue_delay_microseconds: 5 }", batchable);
  assert.is(own.dynamicBatching?.maxQueueDelayMicroseconds, 5);
});

test("a flat list does not tell a row's dims, so those have to be there", () => {
  const flat = signatureOf({ a: ["DT_FLOAT", [-1]] }, { y: ["DT_INT32", [-1]], z: ["DT_INT32", [-1, 2]] });
  const config = completed(
    `input { name: "a" allow_ragged_batch: true } output [ { name: "y" }, { name: "z" } ]
     batch_output { target_name: "y" source_input: "a" }`,
    flat,
  );
  assert.equal(summary(config.input), [["a", "TYPE_FP32", []]]);
  assert.equal(summary(config.output), [
    ["y", "TYPE_INT32", []],
    ["z", "TYPE_INT32", [2]],
  ]);
});

test("an output cut by an input's shape has no say in whether there are batches", () => {
  const config = completed(
    `input { name: "a" dims: 16 } output { name: "y" dims: 16 } batch_output { target_name: "y" source_input: "a" }`,
    signatureOf({ a: ["DT_FLOAT", [-1, 16]] }, { y: ["DT_FLOAT", [-1]] }),
  );
  assert.is(config.maxBatchSize, 4);
});

test.run();
