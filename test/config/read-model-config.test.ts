import { test } from "uvu";
import * as assert from "uvu/assert";
import type { ModelConfig } from "../../src/config/model-config.js";
import {
  emptyModelConfig,
  readModelConfig,
  readModelConfigJson,
} from "../../src/config/read-model-config.js";
import { Code } from "../../src/inference/serving-error.js";
import { rejects } from "./rejects.js";

const typical = `
name: "digits"
platform: "tensorflow_savedmodel"
max_batch_size: 32
input [
  { name: "image" data_type: TYPE_FP32 dims: [ 8, 8 ] }
]
output { name: "probabilities" data_type: TYPE_FP32 dims: 10 label_filename: "labels.txt" }
instance_group { count: 2 kind: KIND_CPU }
dynamic_batching { preferred_batch_size: [ 8, 16 ] max_queue_delay_microseconds: 100 }
parameters { key: "TF_NUM_INTRA_THREADS" value: { string_value: "2" } }
version_policy: { specific: { versions: [ 1, 3 ] } }
`;

test("reads a typical config.pbtxt", () => {
  const config = readModelConfig(typical, "digits/config.pbtxt");
  assert.is(config.name, "digits");
  assert.is(config.maxBatchSize, 32);
  assert.equal(config.input[0]?.dims, [8, 8]);
  assert.is(config.output[0]?.labelFilename, "labels.txt");
  assert.is(config.instanceGroup[0]?.kind, "KIND_CPU");
  assert.is(config.dynamicBatching?.maxQueueDelayMicroseconds, 100);
  assert.is(config.parameters.TF_NUM_INTRA_THREADS?.stringValue, "2");
  assert.equal(config.versionPolicy?.specific?.versions, [1, 3]);
});

test("what is not given is there at protobuf's default, messages and members of a oneof undefined", () => {
  const config = emptyModelConfig();
  assert.is(config.name, "");
  assert.is(config.maxBatchSize, 0);
  assert.equal(config.input, []);
  assert.equal(config.parameters, {});
  assert.is(config.optimization, undefined);
  assert.is(config.dynamicBatching, undefined);
  assert.is(config.modelMetrics, undefined);
});

test("an input's defaults: no type, no format, not optional", () => {
  const [input] = readModelConfig('input { name: "x" }', "p").input;
  assert.equal(input, {
    name: "x",
    dataType: "TYPE_INVALID",
    format: "FORMAT_NONE",
    dims: [],
    reshape: undefined,
    isShapeTensor: false,
    allowRaggedBatch: false,
    optional: false,
    isNonLinearFormatIo: false,
  });
});

test("an empty message is not the same as none", () => {
  const [input] = readModelConfig("input { reshape {} }", "p").input;
  assert.equal(input?.reshape, { shape: [] });
});

test("the configuration is frozen all the way down", () => {
  const config = readModelConfig(typical, "p");
  for (const part of [config, config.input, config.input[0], config.input[0]?.dims, config.parameters]) {
    assert.ok(Object.isFrozen(part));
  }
});

test("a map's key may be any name", () => {
  const config = readModelConfig('metric_tags { key: "__proto__" value: "x" }', "p");
  assert.equal(Object.keys(config.metricTags), ["__proto__"]);
});

test("an error says which file, where in it and what", () => {
  rejects(
    () => readModelConfig('name: "m"\nmax_batch: 8', "/models/m/config.pbtxt"),
    Code.INTERNAL,
    'failed to read text proto from /models/m/config.pbtxt: 2:1: Message type "inference.ModelConfig" has no field named "max_batch".',
  );
});

const fromJson = (json: unknown): ModelConfig => readModelConfigJson(JSON.stringify(json));

test("an override is read from protobuf-JSON, names in either spelling", () => {
  const config = fromJson({
    name: "m",
    max_batch_size: 8,
    defaultModelFilename: "x.pt",
    input: [{ name: "x", data_type: "type_fp32", dims: [1, "-1"] }],
    dynamicBatching: { priority_queue_policy: { "2": { timeoutAction: "DELAY" } } },
    parameters: { a: { string_value: "b" } },
  });
  assert.is(config.maxBatchSize, 8);
  assert.is(config.defaultModelFilename, "x.pt");
  assert.is(config.input[0]?.dataType, "TYPE_FP32");
  assert.equal(config.input[0]?.dims, [1, -1]);
  assert.is(config.dynamicBatching?.priorityQueuePolicy["2"]?.timeoutAction, "DELAY");
  assert.is(config.parameters.a?.stringValue, "b");
});

test("an override's integers are whole, in range, and may be strings", () => {
  assert.is(fromJson({ max_batch_size: "8" }).maxBatchSize, 8);
  for (const max_batch_size of [1.5, "1.5", 2147483648, true, "eight", [8]]) {
    rejects(
      () => fromJson({ max_batch_size }),
      Code.INVALID_ARGUMENT,
      /^Invalid config override: max_batch_size: /,
    );
  }
});

test("an override's floats may be strings too", () => {
  const utilization = (minimum_slot_utilization: unknown) =>
    fromJson({ sequence_batching: { direct: { minimum_slot_utilization } } }).sequenceBatching?.direct
      ?.minimumSlotUtilization;
  assert.is(utilization(0.5), 0.5);
  assert.is(utilization("1e-1"), Math.fround(0.1));
  assert.is(utilization("-Infinity"), Number.NEGATIVE_INFINITY);
  rejects(() => utilization("half"), Code.INVALID_ARGUMENT, /expected a number, got "half"/);
});

test("null in an override means not given", () => {
  assert.is(fromJson({ name: null, dynamic_batching: null }).dynamicBatching, undefined);
});

test("an override with a fault is refused by the field's name", () => {
  rejects(
    () => fromJson({ input: [{ name: "x" }, { nme: "y" }] }),
    Code.INVALID_ARGUMENT,
    "Invalid config override: input[1].nme: no such field in inference.ModelInput",
  );
  rejects(
    () => fromJson({ input: [{ data_type: "FP32" }] }),
    Code.INVALID_ARGUMENT,
    /input\[0\].data_type: expected one of TYPE_INVALID, .*got "FP32"/,
  );
  rejects(() => fromJson({ input: {} }), Code.INVALID_ARGUMENT, /input: expected an array, got {}/);
  rejects(() => fromJson([]), Code.INVALID_ARGUMENT, /expected an object, got \[\]/);
  rejects(
    () => fromJson({ max_batch_size: 1, maxBatchSize: 2 }),
    Code.INVALID_ARGUMENT,
    /maxBatchSize: given twice/,
  );
  rejects(
    () => fromJson({ dynamic_batching: {}, sequence_batching: {} }),
    Code.INVALID_ARGUMENT,
    /given along with dynamic_batching, another member of oneof scheduling_choice/,
  );
  rejects(() => readModelConfigJson("{"), Code.INVALID_ARGUMENT, /^Invalid config override: /);
});

test.run();
