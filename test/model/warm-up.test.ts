import { cpSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Code, ServingError } from "../../src/inference/serving-error.js";
import { Tensor } from "../../src/inference/tensor.js";
import type { EngineLoader } from "../../src/model/engine-loader.js";
import { Repository } from "../../src/model/repository.js";
import { warmUp } from "../../src/model/warm-up.js";
import { FakeEngine } from "../support/fake-engine.js";
import { artifact } from "../support/fixtures.js";
import { doubleConfig, modelConfig } from "../support/model-config.js";
import { ModelFiles } from "../support/model-files.js";
import { rejection } from "./make-model.js";

const test = suite("warm-up");

const zeros = (name: string, more: string, dims = "2") => `
  model_warmup {
    name: "${name}" ${more}
    inputs { key: "x" value { data_type: TYPE_FP32 dims: ${dims} zero_data: true } }
  }`;

/** Warms up an engine; what it executed, as rows and shape of each batch, and what was logged for the curious. */
async function warmedUp(samples: string, text = doubleConfig, engine = new FakeEngine()) {
  const lines: string[] = [];
  const config = modelConfig(`${text} instance_group { count: 1 kind: KIND_CPU } ${samples}`);
  const log = { info() {}, warn() {}, error() {}, debug: (line: string) => lines.push(line) };
  await warmUp(engine, config, "/nowhere", log);
  return { batches: engine.executions, lines };
}

test("runs every sample in order, as often as it says, once if it says nothing", async () => {
  const { lines } = await warmedUp(zeros("a", "batch_size: 1") + zeros("b", "batch_size: 1 count: 2"));
  assert.equal(lines, [
    "model 'double' instance double_0 is running warmup sample 'a' for iteration 1",
    "model 'double' instance double_0 is running warmup sample 'b' for iteration 1",
    "model 'double' instance double_0 is running warmup sample 'b' for iteration 2",
  ]);
});

test("a sample is one batch of as many requests as its batch size says; none of 0", async () => {
  const { batches } = await warmedUp(zeros("a", "batch_size: 3") + zeros("b", "batch_size: 0"));
  assert.equal(
    batches.map((batch) => batch.map(({ rows, shapes }) => ({ rows, shapes }))),
    [Array(3).fill({ rows: 1, shapes: [[1, 2]] })],
  );
});

test("every instance runs every sample", async () => {
  const engine = new FakeEngine({ instanceCount: 2 });
  const ran: number[] = [];
  engine.onExecution = (_timings, _error, instance) => ran.push(instance);
  const text = `${doubleConfig} instance_group { count: 1 kind: KIND_CPU }`;
  const { lines } = await warmedUp(zeros("a", "batch_size: 2") + zeros("b", "batch_size: 1"), text, engine);
  assert.equal(ran, [0, 1, 0, 1]);
  assert.is(new Set(lines).size, 4);
});

test("the framework sees reshaped inputs", async () => {
  const text = doubleConfig.replace("dims: 2 }", "dims: 2 reshape { shape: [1, 2] } }");
  const { batches } = await warmedUp(zeros("a", "batch_size: 1"), text);
  assert.equal(batches[0]?.[0]?.shapes, [[1, 1, 2]]);
});

test("a sample that does not fit the model or does not run is an error that names it", async () => {
  const wrongShape = await rejection(warmedUp(zeros("large", "batch_size: 1", "3")));
  assert.is(wrongShape.code, Code.INVALID_ARGUMENT);
  assert.match(
    wrongShape.message,
    /^failed to run warmup sample 'large': .*unexpected shape for input 'x'.*; $/s,
  );
  const engine = new FakeEngine();
  engine.error = new ServingError(Code.INTERNAL, "no such kernel");
  const failing = await rejection(warmedUp(zeros("bad", "batch_size: 2"), doubleConfig, engine));
  assert.is(failing.message, "failed to run warmup sample 'bad': no such kernel; no such kernel; ");
});

test("a batch is refused where there is no batch dimension", async () => {
  const text = doubleConfig.replace("max_batch_size: 4", "");
  const { message } = await rejection(warmedUp(zeros("a", "batch_size: 2"), text));
  assert.is(message, "warmup sample 'a' has batch_size 2, expected 1: model 'double' has no batch dimension");
});

test("a model that cannot be warmed up is not loaded, and its engine is closed", async () => {
  const files = new ModelFiles();
  files.add("m/config.pbtxt", doubleConfig.replace('"double"', '"m"') + zeros("bad", "batch_size: 1"));
  files.add("m/1/model.graphdef");
  const engine = new FakeEngine({ instanceCount: 2 });
  engine.error = new ServingError(Code.INTERNAL, "no such kernel");
  const loader: EngineLoader = async () => engine;
  const repository = new Repository(files.path, {
    logger: { info() {}, warn() {}, error() {} },
    engines: { tensorflow: loader },
  });
  const [failure] = await repository.load();
  assert.is(
    failure?.reason,
    "version 1 is at UNAVAILABLE state: Invalid argument: failed to run warmup sample 'bad': no such kernel; ;",
  );
  assert.is(engine.closed, true);
  files.remove();
});

test("a model is warm before the first request, and its statistics begin with that", async () => {
  const sample = (name: string, content: string, count: number) => `
    model_warmup {
      name: "${name}" batch_size: 1 count: ${count}
      inputs { key: "x" value { data_type: TYPE_INT32 dims: 1 ${content} } }
    }`;
  const files = new ModelFiles({
    "m/config.pbtxt": `instance_group { count: 2 kind: KIND_CPU }
      ${sample("five", 'input_data_file: "five"', 2)} ${sample("zero", "zero_data: true", 1)}`,
    "m/warmup/five": new Uint8Array(Int32Array.of(5).buffer),
  });
  cpSync(artifact("tf-counter"), files.at("m/1/model.savedmodel"), { recursive: true });
  const repository = new Repository(files.path);
  assert.equal(await repository.load(), []);
  const model = repository.model("m");
  const { success, inferenceCount, executionCount, lastInference } = model.statistics;
  assert.equal([success.count, inferenceCount, executionCount, lastInference], [0, 0, 0, 0]);
  const x = new Tensor("x", "INT32", [1], new Uint8Array(Int32Array.of(1).buffer));
  // Each instance has a total of its own, to which both samples have been added.
  const answers = await Promise.all(Array.from({ length: 20 }, () => model.infer({ id: "", inputs: [x] })));
  const totals = answers.map(({ outputs }) => (outputs[0] as Tensor).data[0] as number);
  assert.is(Math.min(...totals), 5 + 5 + 0 + 1);
  assert.is(model.statistics.success.count, 20);
  await repository.close();
  files.remove();
});

test.run();
