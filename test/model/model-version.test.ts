import { getEventListeners } from "node:events";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { EngineRequest } from "../../src/engine/engine-model.js";
import { Code, ServingError } from "../../src/inference/serving-error.js";
import { doubleConfig } from "../support/model-config.js";
import { fp32, makeModel, rejection, request } from "./make-model.js";

const threeOutputs = `
  name: "m" backend: "tensorflow" platform: "tensorflow_graphdef" max_batch_size: 4
  input { name: "x" data_type: TYPE_FP32 dims: 1 }
  output { name: "b" data_type: TYPE_FP32 dims: 1 }
  output { name: "a" data_type: TYPE_FP32 dims: 1 }
`;
/** An engine whose outputs lie in another order than the configuration's, one more than it has. */
const engineOutputs = ["a", "extra", "b"].map((name, value) => ({ name, value, shape: undefined }));
const threeOutputsEngine = {
  outputs: engineOutputs.map(({ name, shape }) => ({ name, shape, datatype: "FP32" as const })),
  compute: ({ rows }: EngineRequest) =>
    engineOutputs.map(({ value }) => ({
      datatype: "FP32" as const,
      shape: [rows, 1],
      bytes: new Uint8Array(Float32Array.from(Array(rows).fill(value)).buffer),
    })),
};

/** By then batchers have looked at what arrived. */
const endOfEvent = () => new Promise<void>((resolve) => setImmediate(resolve));

test("answers with name, version and id, and the engine's outputs", async () => {
  const { model } = makeModel();
  const response = await model.infer(request([fp32("x", [1, 2], [1, 2])], { id: "7" }));
  assert.is(response.modelName, "double");
  assert.is(response.modelVersion, 3);
  assert.is(response.id, "7");
  assert.equal(
    response.outputs.map(({ name, datatype, shape, data }) => ({ name, datatype, shape, data })),
    [{ name: "y", datatype: "FP32", shape: [1, 2], data: Float32Array.of(1, 2) }],
  );
});

test("gives all outputs in configuration order, whatever the engine's", async () => {
  const { model } = makeModel(threeOutputs, threeOutputsEngine);
  const { outputs } = await model.infer(request([fp32("x", [1, 1])]));
  assert.equal(
    outputs.map(({ name, data }) => [name, data[0]]),
    [
      ["b", 2],
      ["a", 0],
    ],
  );
});

test("gives the outputs that are asked for, in the order asked for", async () => {
  const { model, engine } = makeModel(threeOutputs, threeOutputsEngine);
  const { outputs } = await model.infer(request([fp32("x", [1, 1])], { outputs: ["a"] }));
  assert.equal(
    outputs.map(({ name, data }) => [name, data[0]]),
    [["a", 0]],
  );
  assert.equal(engine.executions[0]?.[0]?.outputs, [0]);
});

test("hands input bytes to the engine as they are", async () => {
  const { model, engine } = makeModel();
  const x = fp32("x", [2, 2]);
  await model.infer(request([x]));
  assert.is(engine.executions[0]?.[0]?.inputs[0], x.bytes);
  assert.is(engine.executions[0]?.[0]?.rows, 2);
});

test("an output of another datatype than configured is an error", async () => {
  const { model } = makeModel(doubleConfig, {
    compute: () => [{ datatype: "INT32", shape: [1, 2], bytes: new Uint8Array(8) }],
  });
  const error = await rejection(model.infer(request([fp32("x", [1, 2])])));
  assert.is(error.code, Code.INTERNAL);
  assert.match(
    error.message,
    /configuration expects datatype TYPE_FP32 for output 'y', model provides TYPE_INT32/,
  );
});

test("an engine's error reaches every request of the batch", async () => {
  const { model, engine } = makeModel(`${doubleConfig} dynamic_batching { }`, { manual: true });
  const answers = ["1", "2", "3"].map((id) => rejection(model.infer(request([fp32("x", [1, 2])], { id }))));
  engine.error = new ServingError(Code.INTERNAL, "out of luck");
  await endOfEvent();
  engine.finish();
  assert.equal(
    (await Promise.all(answers)).map(({ message }) => message),
    Array(3).fill("out of luck"),
  );
  assert.is(engine.executions[0]?.length, 3);
  assert.is(model.statistics.failures.BACKEND, 3);
});

const reshaping = `
  name: "r" backend: "tensorflow" platform: "tensorflow_graphdef" max_batch_size: 4
  input { name: "x" data_type: TYPE_FP32 dims: [-1, 4] reshape { shape: [-1, 2, 2] } }
  input { name: "s" data_type: TYPE_FP32 dims: 1 reshape { shape: [] } }
  output { name: "y" data_type: TYPE_FP32 dims: [4, -1] reshape { shape: [2, 2, -1] } }
  output { name: "t" data_type: TYPE_FP32 dims: 1 reshape { shape: [] } }
`;
const output = (shape: readonly number[]) => ({
  datatype: "FP32" as const,
  shape,
  bytes: new Uint8Array(4 * shape.reduce((a, b) => a * b, 1)),
});

test("reshape: the framework sees its own shapes, the client the configured dims", async () => {
  const { model, engine } = makeModel(reshaping, { compute: () => [output([3, 2, 2, 5]), output([3])] });
  const { outputs } = await model.infer(request([fp32("x", [3, 7, 4]), fp32("s", [3, 1])]));
  assert.equal(engine.executions[0]?.[0]?.shapes, [[3, 7, 2, 2], [3]]);
  assert.equal(
    outputs.map(({ shape }) => shape),
    [
      [3, 4, 5],
      [3, 1],
    ],
  );
  assert.equal(model.metadata.inputs[0]?.shape, [-1, -1, 4]);
});

test("reshape: an output that does not fit is an error", async () => {
  const { model } = makeModel(reshaping, { compute: () => [output([1, 2, 2]), output([1])] });
  const error = await rejection(model.infer(request([fp32("x", [1, 1, 4]), fp32("s", [1, 1])])));
  assert.match(
    error.message,
    /unexpected shape for output 'y' of model 'r'. Expected \[-1,2,2,-1\], got \[1,2,2\]/,
  );
});

test("concurrent requests share an execution where dynamic batching is on", async () => {
  const { model, engine } = makeModel(`${doubleConfig} dynamic_batching { }`, { manual: true });
  const answers = [1, 2, 3].map((value) => model.infer(request([fp32("x", [1, 2], [value, value])])));
  await endOfEvent();
  engine.finish();
  const values = (await Promise.all(answers)).map(({ outputs }) => outputs[0]?.data[0]);
  assert.equal(values, [1, 2, 3]);
  assert.is(engine.executions.length, 1);
});

test("each has its own where it is off", async () => {
  const { model, engine } = makeModel();
  await Promise.all([1, 2, 3].map(() => model.infer(request([fp32("x", [1, 2])]))));
  assert.is(engine.executions.length, 3);
});

test("preserve_ordering: answers leave in order of arrival, whichever instance was faster", async () => {
  const { model, engine } = makeModel(`${doubleConfig} dynamic_batching { preserve_ordering: true }`, {
    manual: true,
    instanceCount: 2,
  });
  const order: string[] = [];
  const infer = (id: string) => model.infer(request([fp32("x", [1, 2])], { id })).then(() => order.push(id));
  const answers = [infer("first")];
  await endOfEvent();
  answers.push(infer("second"));
  await endOfEvent();
  engine.finish(1);
  await Promise.resolve();
  engine.finish();
  await Promise.all(answers);
  assert.equal(order, ["first", "second"]);
});

test("aborting cancels a request that is queued", async () => {
  const { model, engine } = makeModel(doubleConfig, { manual: true });
  const running = model.infer(request([fp32("x", [1, 2])]));
  const abort = new AbortController();
  const queued = rejection(model.infer(request([fp32("x", [1, 2])], { signal: abort.signal, id: "q" })));
  abort.abort();
  const error = await queued;
  assert.is(error.code, Code.CANCELLED);
  assert.match(error.message, /^\[request id: q\] /);
  assert.is(model.statistics.failures.CANCELED, 1);
  assert.is(model.statistics.pendingCount, 0);
  engine.finish();
  await running;
  assert.is(engine.executions.length, 1);
});

test("aborting does not interrupt a request that runs", async () => {
  const { model, engine } = makeModel(doubleConfig, { manual: true });
  const abort = new AbortController();
  const running = model.infer(request([fp32("x", [1, 2], [5, 6])], { signal: abort.signal }));
  abort.abort();
  engine.finish();
  const { outputs } = await running;
  assert.equal(outputs[0]?.data, Float32Array.of(5, 6));
  assert.is(model.statistics.failures.CANCELED, 0);
  assert.is(getEventListeners(abort.signal, "abort").length, 0);
});

test("one signal may cancel many requests, without a warning", async () => {
  const warnings: string[] = [];
  const onWarning = ({ name }: Error) => warnings.push(name);
  process.on("warning", onWarning);
  const { model, engine } = makeModel(doubleConfig, { manual: true });
  const controller = new AbortController();
  const { signal } = controller;
  const running = model.infer(request([fp32("x", [1, 2])], { signal }));
  const queued = Array.from({ length: 20 }, () =>
    rejection(model.infer(request([fp32("x", [1, 2])], { signal }))),
  );
  controller.abort();
  for (const { code } of await Promise.all(queued)) assert.is(code, Code.CANCELLED);
  engine.finish();
  await running;
  await endOfEvent();
  process.off("warning", onWarning);
  assert.equal(warnings, []);
});

test("counts what was answered, what failed, and what was executed", async () => {
  const { model, engine } = makeModel(`${doubleConfig} dynamic_batching { }`, { manual: true });
  const infer = (rows: number) => model.infer(request([fp32("x", [rows, 2])]));
  const answers = [infer(1), infer(2)];
  await endOfEvent();
  engine.finish();
  await Promise.all(answers);
  engine.error = new ServingError(Code.INTERNAL, "out of luck");
  const failing = rejection(infer(1));
  await endOfEvent();
  engine.finish();
  await failing;
  const { statistics } = model;
  assert.is(statistics.executionCount, 2);
  assert.is(statistics.inferenceCount, 4);
  for (const counter of ["success", "queue", "computeInput", "computeInfer", "computeOutput"] as const) {
    assert.is(statistics[counter].count, 2, counter);
  }
  assert.is(statistics.fail.count, 1);
  assert.equal([...statistics.batches.keys()], [3, 1]);
  assert.ok(Math.abs(statistics.lastInference - Date.now()) < 60_000);
});

test("a signal that is aborted already refuses the request", async () => {
  const { model, engine } = makeModel();
  const error = await rejection(model.infer(request([fp32("x", [1, 2])], { signal: AbortSignal.abort() })));
  assert.is(error.code, Code.CANCELLED);
  assert.is(engine.executions.length, 0);
});

test("close answers what is under way, refuses the rest, and frees the engine last", async () => {
  const { model, engine } = makeModel(doubleConfig, { manual: true });
  const answers = [1, 2].map(() => model.infer(request([fp32("x", [1, 2])])));
  const closed = model.close();
  assert.is(model.close(), closed);
  const error = await rejection(model.infer(request([fp32("x", [1, 2])])));
  assert.is(error.code, Code.UNAVAILABLE);
  assert.is(
    error.message,
    "[request id: <id_unknown>] Server is stopping, scheduler for model has stopped accepting new inference requests",
  );
  engine.finish();
  await answers[0];
  assert.is(engine.closed, false);
  engine.finish();
  await closed;
  await answers[1];
  assert.is(engine.closed, true);
});

test("a full queue refuses, and what is refused is not counted", async () => {
  const { model, engine } = makeModel(
    `${doubleConfig} dynamic_batching { default_queue_policy { max_queue_size: 1 } }`,
    { manual: true },
  );
  const answers = [model.infer(request([fp32("x", [1, 2])]))];
  await endOfEvent();
  answers.push(model.infer(request([fp32("x", [1, 2])])));
  const error = await rejection(model.infer(request([fp32("x", [1, 2])])));
  assert.is(error.code, Code.UNAVAILABLE);
  assert.match(error.message, /Exceeds maximum queue size/);
  assert.is(model.statistics.pendingCount, 1);
  engine.finish();
  engine.finish();
  await Promise.all(answers);
  await model.close();
  assert.is(model.statistics.fail.count, 0);
});

test("describes itself as clients see it", () => {
  const { model } = makeModel();
  assert.equal(model.metadata, {
    name: "double",
    versions: ["2", "3"],
    platform: "tensorflow_graphdef",
    inputs: [{ name: "x", datatype: "FP32", shape: [-1, 2] }],
    outputs: [{ name: "y", datatype: "FP32", shape: [-1, 2] }],
  });
  assert.equal(model.labels("y"), ["cat", "dog"]);
  assert.is(model.labels("x"), undefined);
});

test("a configuration that names a tensor the engine lacks is an error", () => {
  assert.throws(
    () => makeModel(doubleConfig, { inputs: [{ name: "z", datatype: "FP32", shape: undefined }] }),
    /unexpected inference input 'x', allowed inputs are: z/,
  );
});

test.run();
