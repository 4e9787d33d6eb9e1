import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadDescriptor } from "../../src/config/message-schema.js";
import { Code } from "../../src/inference/serving-error.js";
import type { EngineLoader } from "../../src/model/engine-loader.js";
import { type LoadModelOptions, load } from "../../src/model/load.js";
import { fakeLoader } from "../support/fake-engine.js";
import { doubleConfig } from "../support/model-config.js";
import { ModelFiles } from "../support/model-files.js";
import { rejection } from "./make-model.js";

const test = suite<{ files: ModelFiles }>("load");
test.before.each((context) => {
  context.files = new ModelFiles();
});
test.after.each(({ files }) => files.remove());

const tensors = {
  input: [{ name: "x", data_type: "TYPE_FP32", dims: [2] }],
  output: [{ name: "y", data_type: "TYPE_FP32", dims: [2] }],
};

function engines() {
  const loader = fakeLoader();
  const paths: string[] = [];
  const recording: EngineLoader = (request) => {
    paths.push(`${request.config.platform} ${request.path}`);
    return loader(request);
  };
  return { paths, loader, engines: { tensorflow: recording, pytorch: recording } };
}

async function doubled(files: ModelFiles, options: LoadModelOptions = {}, config = doubleConfig) {
  files.add("double/config.pbtxt", config);
  for (const version of [1, 2]) files.add(`double/${version}/model.graphdef`);
  return load(files.at("double"), { engines: engines().engines, ...options });
}

test("a model directory: configuration, versions, infer by name", async ({ files }) => {
  const model = await doubled(files);
  assert.is(model.name, "double");
  assert.equal(model.versions, [2]);
  assert.is(model.config.maxBatchSize, 4);
  assert.equal(model.metadata.inputs, [{ name: "x", datatype: "FP32", shape: [-1, 2] }]);
  const { y } = await model.infer({ x: Float32Array.of(1, 2, 3, 4) });
  assert.equal(y?.shape, [2, 2]);
  assert.equal(y?.data, Float32Array.of(1, 2, 3, 4));
  assert.is(model.statistics.inferenceCount, 2);
  await model.close();
});

test("a version may be chosen among those loaded", async ({ files }) => {
  const model = await doubled(files, {}, `${doubleConfig} version_policy { all { } }`);
  assert.equal(model.versions, [1, 2]);
  await model.infer({ x: [1, 2] }, { version: 1 });
  assert.is(model.statistics.success.count, 0);
  const { message, code } = await rejection(model.infer({ x: [1, 2] }, { version: 3 }));
  assert.is(message, "model 'double' has no version 3, loaded are: 1, 2");
  assert.is(code, Code.NOT_FOUND);
  await model.close();
});

test("a configuration given replaces the directory's", async ({ files }) => {
  const model = await doubled(files, {
    config: { platform: "tensorflow_graphdef", max_batch_size: 16, ...tensors },
  });
  assert.is(model.config.maxBatchSize, 16);
  await model.close();
});

test("files of a single model need a configuration, as text or as an object", async ({ files }) => {
  const { engines: fakes, paths } = engines();
  for (const file of ["net.pt", "net.pth", "net.pb", "net.graphdef"]) {
    files.add(file);
    const model = await load(files.at(file), { config: { max_batch_size: 4, ...tensors }, engines: fakes });
    assert.is(model.name, "net");
    assert.equal(model.versions, [1]);
    await model.close();
    const text = doubleConfig.replace(/backend.*\n/, "");
    const named = await load(files.at(file), { config: text, engines: fakes });
    assert.is(named.name, "double");
    await named.close();
  }
  assert.equal(paths, [
    `pytorch_libtorch ${files.at("net.pt")}`,
    `pytorch_libtorch ${files.at("net.pt")}`,
    `pytorch_libtorch ${files.at("net.pth")}`,
    `pytorch_libtorch ${files.at("net.pth")}`,
    `tensorflow_graphdef ${files.at("net.pb")}`,
    `tensorflow_graphdef ${files.at("net.pb")}`,
    `tensorflow_graphdef ${files.at("net.graphdef")}`,
    `tensorflow_graphdef ${files.at("net.graphdef")}`,
  ]);
  const { message } = await rejection(load(files.at("net.pt"), { engines: fakes }));
  assert.match(message, /does not say what the model takes and gives, pass \{ config \}/);
});

const dim = (...sizes: number[]) => ({ dim: sizes.map((size) => ({ size })) });

/** A SavedModel that takes `x` and gives `y`, both FP32 of `[batch, 2]`; its graph is empty. */
function savedModel(): Uint8Array {
  const type = loadDescriptor("saved-model").lookupType("tensorflow.SavedModel");
  const tensor = (name: string) => ({ name: `${name}:0`, dtype: "DT_FLOAT", tensor_shape: dim(-1, 2) });
  const signature = { inputs: { x: tensor("x") }, outputs: { y: tensor("y") } };
  const graph = { meta_info_def: { tags: ["serve"] }, signature_def: { serving_default: signature } };
  return type.encode(type.fromObject({ meta_graphs: [graph] })).finish();
}

test("a SavedModel directory completes its configuration itself", async ({ files }) => {
  files.add("exported/saved_model.pb", savedModel());
  const { engines: fakes, paths } = engines();
  const warnings: string[] = [];
  const logger = { info() {}, warn: (message: string) => warnings.push(message), error() {} };
  const model = await load(files.at("exported"), { engines: fakes, logger });
  assert.is(model.name, "exported");
  assert.is(model.config.maxBatchSize, 4);
  assert.equal(model.metadata.inputs, [{ name: "x", datatype: "FP32", shape: [-1, 2] }]);
  assert.equal(paths, [`tensorflow_savedmodel ${files.at("exported")}`]);
  assert.match(warnings[0] as string, /model 'exported' supports batching .* using 4/);
  await model.close();
});

test("TorchScript is not completed, which the log says unless nothing is to be completed", async ({
  files,
}) => {
  files.add("net.pt");
  const infos: string[] = [];
  const logger = { info: (message: string) => infos.push(message), warn() {}, error() {} };
  const config = { max_batch_size: 4, ...tensors };
  for (const autoComplete of [true, false]) {
    const options = { config, engines: engines().engines, logger, autoComplete };
    await (await load(files.at("net.pt"), options)).close();
  }
  assert.equal(infos, [
    "skipping model configuration auto-complete for 'net': not supported for pytorch backend",
  ]);
});

test("a SavedModel's configuration may be given in part", async ({ files }) => {
  files.add("exported/saved_model.pb", savedModel());
  const model = await load(files.at("exported"), {
    config: { max_batch_size: 32, dynamic_batching: { max_queue_delay_microseconds: 50 } },
    engines: engines().engines,
  });
  assert.is(model.config.maxBatchSize, 32);
  assert.is(model.config.dynamicBatching?.maxQueueDelayMicroseconds, 50);
  assert.equal(model.config.output[0]?.dims, [2]);
  const [first, second] = await Promise.all([model.infer({ x: [1, 2] }), model.infer({ x: [3, 4] })]);
  assert.equal([first.y?.data, second.y?.data], [Float32Array.of(1, 2), Float32Array.of(3, 4)]);
  assert.is(model.statistics.executionCount, 1);
  await model.close();
});

test("a SavedModel that is not all there is refused", async ({ files }) => {
  files.add("m/1/model.savedmodel/variables/");
  const { code, message } = await rejection(load(files.at("m"), { engines: engines().engines }));
  assert.is(code, Code.UNAVAILABLE);
  assert.match(message, /unable to find '.*saved_model.pb' for model instance 'm'/);
});

test("what is no model is refused with what would be", async ({ files }) => {
  files.add("text.txt");
  files.add("empty/");
  assert.match((await rejection(load(files.at("none")))).message, /'.*none': nothing is there/);
  assert.match((await rejection(load(files.at("text.txt")))).message, /expected a model directory/);
  assert.match(
    (await rejection(load(files.at("empty")))).message,
    /with config.pbtxt or directories named by version numbers/,
  );
});

test("a wrong configuration object names the field", async ({ files }) => {
  files.add("net.pt");
  const { message, code } = await rejection(load(files.at("net.pt"), { config: { max_batch: 4 } }));
  assert.match(message, /max_batch: no such field/);
  assert.is(code, Code.INVALID_ARGUMENT);
});

test("a version that fails frees those that were loaded", async ({ files }) => {
  const loader = fakeLoader();
  const failing: EngineLoader = async (request) => {
    if (request.modelVersion === 2) throw new Error("bad graph");
    return loader(request);
  };
  const loading = doubled(
    files,
    { engines: { tensorflow: failing } },
    `${doubleConfig} version_policy { all { } }`,
  );
  assert.is((await rejection(loading)).message, "bad graph");
  assert.is(loader.engines.get("double/1")?.closed, true);
});

test("inputs that are unknown or missing are refused", async ({ files }) => {
  const model = await doubled(files);
  assert.match(
    (await rejection(model.infer({ x: [1, 2], z: [1] }))).message,
    /unexpected inference input 'z' for model 'double', its inputs are: x/,
  );
  assert.match((await rejection(model.infer({}))).message, /expected 1 inputs but got 0 inputs/);
  assert.match((await rejection(model.infer({ x: new Int32Array(2) }))).message, /expected Float32Array/);
  await model.close();
});

test("only the outputs asked for are given", async ({ files }) => {
  const model = await doubled(files);
  assert.equal(Object.keys(await model.infer({ x: [1, 2] }, { outputs: ["y"] })), ["y"]);
  assert.match((await rejection(model.infer({ x: [1, 2] }, { outputs: ["z"] }))).message, /output 'z'/);
  await model.close();
});

test("after close calls are refused", async ({ files }) => {
  const model = await doubled(files);
  await model[Symbol.asyncDispose]();
  assert.is((await rejection(model.infer({ x: [1, 2] }))).code, Code.UNAVAILABLE);
});

test.run();
