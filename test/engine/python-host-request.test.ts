import { suite } from "uvu";
import * as assert from "uvu/assert";
import { pythonParameters } from "../../src/config/python-parameters.js";
import type { EngineLoadRequest } from "../../src/engine/engine-load-request.js";
import { pythonHostRequest } from "../../src/engine/python-host-request.js";
import { modelConfig } from "../support/model-config.js";

const test = suite("pythonHostRequest");

function requestOf(text: string) {
  const config = modelConfig(`name: "net" backend: "python" platform: "pytorch" ${text}`);
  const instances = [{ name: "net_0", kind: "KIND_GPU", device: 2 }] as const;
  const request = { modelName: "net", path: "/models/net/1/model.py", config, instances };
  return pythonHostRequest(request as unknown as EngineLoadRequest, pythonParameters(config, "/models/net"));
}

test("tensors are as the module sees them: data types by number, the batch dimension, reshaped", () => {
  const { inputs, outputs, maxBatchSize } = requestOf(`
    max_batch_size: 4
    input { name: "a" data_type: TYPE_FP32 dims: [ -1, 3 ] }
    input { name: "b" data_type: TYPE_BF16 dims: 1 reshape { } }
    output { name: "c" data_type: TYPE_BOOL dims: 2 }
  `);
  assert.equal(inputs, [
    { name: "a", dataType: 11, dims: [-1, -1, 3] },
    { name: "b", dataType: 14, dims: [-1] },
  ]);
  assert.equal(outputs, [{ name: "c", dataType: 1, dims: [-1, 2] }]);
  assert.is(maxBatchSize, 4);
});

test("parameters are handed on, with their defaults", () => {
  const tensors = `
    input { name: "a" data_type: TYPE_FP32 dims: 3 } output { name: "c" data_type: TYPE_FP32 dims: 2 }
  `;
  const parameter = (key: string, value: string) =>
    `parameters { key: "${key}" value { string_value: '${value}' } }`;
  const usual = requestOf(tensors);
  assert.equal(usual.inputs[0]?.dims, [3]);
  assert.equal(
    [usual.threads, usual.interopThreads, usual.compile, usual.compileOptions, usual.function],
    [1, 1, true, {}, ""],
  );
  const other = requestOf(
    [
      tensors,
      parameter("NUM_THREADS", "2"),
      parameter("NUM_INTEROP_THREADS", "3"),
      parameter("TORCH_COMPILE", "off"),
      parameter("TORCH_COMPILE_OPTIONAL_PARAMETERS", '{"mode": "max-autotune"}'),
      parameter("FUNCTION", "predict"),
    ].join(" "),
  );
  assert.equal(
    [other.threads, other.interopThreads, other.compile, other.compileOptions, other.function],
    [2, 3, false, { mode: "max-autotune" }, "predict"],
  );
  assert.equal(other.instances, [{ name: "net_0", kind: "KIND_GPU", device: 2 }]);
  assert.is(other.path, "/models/net/1/model.py");
});

test.run();
