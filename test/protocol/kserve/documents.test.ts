import { test } from "uvu";
import * as assert from "uvu/assert";
import { Code } from "../../../src/inference/serving-error.js";
import { DurationCounter, ModelStatistics } from "../../../src/metrics/model-statistics.js";
import { errorBody, httpStatus } from "../../../src/protocol/kserve/http-status.js";
import { modelMetadataJson, serverMetadataJson } from "../../../src/protocol/kserve/metadata.js";
import { parseModelVersion } from "../../../src/protocol/kserve/model-version.js";
import { decodeIndexRequest, repositoryIndexJson } from "../../../src/protocol/kserve/repository-index.js";
import { statisticsJson } from "../../../src/protocol/kserve/statistics.js";
import { faultOf } from "./requests.js";

test("the server names the extensions it offers, and no others", () => {
  assert.is(
    serverMetadataJson("triton", "1.2.3"),
    '{"name":"triton","version":"1.2.3","extensions":["classification","model_repository","model_repository(unload_dependents)","schedule_policy","model_configuration","binary_tensor_data","parameters","statistics"]}',
  );
});

test("a model's metadata list its versions, or the one asked for", () => {
  const model = {
    name: "m",
    versions: ["1", "3"],
    platform: "tensorflow_savedmodel",
    inputs: [{ name: "X", datatype: "FP32", shape: [-1, 16] }],
    outputs: [{ name: "Y", datatype: "BYTES", shape: [-1] }],
  } as const;
  const tensors =
    '"inputs":[{"name":"X","datatype":"FP32","shape":[-1,16]}],"outputs":[{"name":"Y","datatype":"BYTES","shape":[-1]}]}';
  assert.is(
    modelMetadataJson(model, undefined),
    `{"name":"m","versions":["1","3"],"platform":"tensorflow_savedmodel",${tensors}`,
  );
  assert.is(
    modelMetadataJson(model, 3),
    `{"name":"m","versions":["3"],"platform":"tensorflow_savedmodel",${tensors}`,
  );
});

test("statistics count in nanoseconds, by batch size", () => {
  const statistics = new ModelStatistics();
  statistics.lastInference = 1700000000000;
  statistics.inferenceCount = 5;
  statistics.executionCount = 2;
  statistics.success.add(1500);
  const batch = () => ({
    computeInput: new DurationCounter(),
    computeInfer: new DurationCounter(),
    computeOutput: new DurationCounter(),
  });
  statistics.batches.set(4, batch());
  statistics.batches.set(1, batch());
  statistics.batches.get(1)?.computeInfer.add(700);
  const none = '{"count":0,"ns":0}';
  assert.is(
    statisticsJson([{ name: "m", version: 1, statistics }]),
    '{"model_stats":[{"name":"m","version":"1","last_inference":1700000000000,"inference_count":5,"execution_count":2,' +
      `"inference_stats":{"success":{"count":1,"ns":1500},"fail":${none},"queue":${none},"compute_input":${none},` +
      `"compute_infer":${none},"compute_output":${none},"cache_hit":${none},"cache_miss":${none}},"response_stats":{},` +
      `"batch_stats":[{"batch_size":1,"compute_input":${none},"compute_infer":{"count":1,"ns":700},"compute_output":${none}},` +
      `{"batch_size":4,"compute_input":${none},"compute_infer":${none},"compute_output":${none}}],"memory_usage":[]}]}`,
  );
});

test("the index has a row for each version, a name alone for models never loaded", () => {
  const rows = [
    { name: "a" },
    { name: "b", version: "1", state: "READY", reason: "" },
    { name: "c", version: "2", state: "UNAVAILABLE", reason: "broken" },
  ];
  assert.is(
    repositoryIndexJson(rows, false),
    '[{"name":"a"},{"name":"b","version":"1","state":"READY"},{"name":"c","version":"2","state":"UNAVAILABLE","reason":"broken"}]',
  );
  assert.is(repositoryIndexJson(rows, true), '[{"name":"b","version":"1","state":"READY"}]');
});

test("an index request may ask for what is ready", () => {
  assert.is(decodeIndexRequest(undefined), false);
  assert.is(decodeIndexRequest(Buffer.from("")), false);
  assert.is(decodeIndexRequest(Buffer.from("{}")), false);
  assert.is(decodeIndexRequest(Buffer.from('{"ready":true}')), true);
  assert.is(
    faultOf(() => decodeIndexRequest(Buffer.from('{"ready":1}'))),
    "INVALID_ARGUMENT: Invalid value for 'ready': expected a boolean",
  );
  assert.is(
    faultOf(() => decodeIndexRequest(Buffer.from("{"))),
    "INTERNAL: failed to parse the request JSON buffer: Missing a name for object member. at 1",
  );
});

test("versions are positive integers", () => {
  assert.is(parseModelVersion(undefined), undefined);
  assert.is(parseModelVersion("12"), 12);
  assert.is(
    faultOf(() => parseModelVersion("0")),
    "INVALID_ARGUMENT: invalid model version specified '0' , version should be an integral value > 0",
  );
  assert.is(
    faultOf(() => parseModelVersion("x")),
    "INVALID_ARGUMENT: failed to get model version from specified version string 'x' (details: not a decimal integer), version should be an integral value > 0",
  );
  assert.match(
    faultOf(() => parseModelVersion("99999999999999999999")),
    "(details: out of range)",
  );
});

test("every code has a status, and every error the same body", () => {
  const codes = Object.values(Code).filter((code) => typeof code === "number");
  for (const code of codes) assert.ok(httpStatus(code as Code) >= 400);
  assert.is(httpStatus(Code.INVALID_ARGUMENT), 400);
  assert.is(httpStatus(Code.INTERNAL), 500);
  assert.is(httpStatus(Code.UNIMPLEMENTED), 501);
  assert.is(httpStatus(Code.UNAVAILABLE), 503);
  assert.is(errorBody('a "b"\n'), '{"error":"a \\"b\\"\\n"}');
});

test.run();
