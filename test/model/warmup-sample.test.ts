import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ModelWarmup } from "../../src/config/model-config.js";
import { Code } from "../../src/inference/serving-error.js";
import { warmupInputs } from "../../src/model/warmup-sample.js";
import { modelConfig } from "../support/model-config.js";
import { ModelFiles } from "../support/model-files.js";
import { rejection } from "./make-model.js";

const test = suite<{ files: ModelFiles }>("warmup sample");
test.before.each((context) => {
  context.files = new ModelFiles({
    "warmup/floats": new Uint8Array(Float32Array.of(1, 2, 3).buffer),
    "warmup/words": "\x03\0\0\0one",
    secret: "",
  });
});
test.after.each(({ files }) => files.remove());

/** The tensors of a sample with one input `x`, described as in config.pbtxt. */
function inputs(files: ModelFiles, input: string, maxBatchSize = 4) {
  const config = modelConfig(`
    platform: "tensorflow_graphdef" backend: "tensorflow" max_batch_size: ${maxBatchSize}
    model_warmup { name: "s" batch_size: 1 inputs { key: "x" value { ${input} } } }`);
  return warmupInputs(config.modelWarmup[0] as ModelWarmup, config, files.path);
}

test("zeros are of the shape given, behind a batch dimension of 1 if the model has one", async ({
  files,
}) => {
  const [x] = await inputs(files, "data_type: TYPE_INT16 dims: [2, 3] zero_data: true");
  assert.equal([x?.name, x?.datatype, x?.shape], ["x", "INT16", [1, 2, 3]]);
  assert.equal(x?.data, new Int16Array(6));
  const [whole] = await inputs(files, "data_type: TYPE_INT16 dims: [2, 3] zero_data: true", 0);
  assert.equal(whole?.shape, [2, 3]);
});

test("random data fills every byte; strings are empty", async ({ files }) => {
  const [x] = await inputs(files, "data_type: TYPE_FP64 dims: 64 random_data: true");
  assert.is(x?.bytes.byteLength, 512);
  assert.ok(x?.bytes.some((byte) => byte !== 0));
  const [flags] = await inputs(files, "data_type: TYPE_BOOL dims: 64 random_data: true");
  assert.ok(flags?.bytes.every((byte) => byte <= 1));
  for (const kind of ["random_data", "zero_data"]) {
    const [words] = await inputs(files, `data_type: TYPE_STRING dims: 3 ${kind}: true`);
    assert.equal(words?.toStrings(), ["", "", ""]);
  }
});

test("a file has the bytes; more than are needed do no harm", async ({ files }) => {
  const [x] = await inputs(files, 'data_type: TYPE_FP32 dims: 2 input_data_file: "floats"');
  assert.equal(x?.data, Float32Array.of(1, 2));
  const [words] = await inputs(files, 'data_type: TYPE_STRING dims: 1 input_data_file: "words"');
  assert.equal(words?.toStrings(), ["one"]);
});

test("what is missing is told", async ({ files }) => {
  const failure = async (input: string) => {
    const { code, message } = await rejection(inputs(files, input));
    assert.is(code, Code.INVALID_ARGUMENT);
    return message;
  };
  assert.is(
    await failure("data_type: TYPE_FP32 dims: [2, -1] zero_data: true"),
    "warmup setting expects all variable-size dimensions are specified for input 'x'",
  );
  assert.is(
    await failure('data_type: TYPE_FP32 dims: 4 input_data_file: "floats"'),
    "warmup setting expects 16 bytes, but the data provided from floatsonly has 12 bytes",
  );
  assert.is(
    await failure("data_type: TYPE_FP32 dims: 4"),
    "warmup setting expects input 'x' to have input_data_type set",
  );
  assert.match(
    await failure("dims: 4 zero_data: true"),
    "input 'x' has data type TYPE_INVALID, which is none",
  );
});

test("files outside the model's warmup directory are not read, missing ones are told", async ({ files }) => {
  const input = (file: string) => `data_type: TYPE_FP32 dims: 1 input_data_file: "${file}"`;
  const outside = await rejection(inputs(files, input("../secret")));
  assert.is(outside.message, `warmup data file '../secret' for input 'x' is outside '${files.at("warmup")}'`);
  const missing = await rejection(inputs(files, input("none")));
  assert.is(missing.code, Code.NOT_FOUND);
  assert.match(missing.message, /^unable to read warmup data for input 'x': ENOENT/);
});

test.run();
