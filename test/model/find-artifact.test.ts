import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readModelConfig } from "../../src/config/read-model-config.js";
import { Code } from "../../src/inference/serving-error.js";
import { findArtifact } from "../../src/model/find-artifact.js";
import { ModelFiles } from "../support/model-files.js";
import { rejection } from "./make-model.js";

const test = suite<{ files: ModelFiles }>("findArtifact");
test.before.each((context) => {
  context.files = new ModelFiles();
});
test.after.each(({ files }) => files.remove());

const find = (files: ModelFiles, text: string) =>
  findArtifact(readModelConfig(`name: "m" ${text}`, "config.pbtxt"), files.path);

async function refuses(files: ModelFiles, text: string, message: string) {
  const { code, message: given } = await rejection(find(files, text));
  assert.is(given, message);
  assert.is(code, Code.UNAVAILABLE);
}

const pytorch = 'backend: "python" platform: "pytorch"';

test("it is what default_model_filename says, a file or a directory", async ({ files }) => {
  files.add("model.graphdef");
  files.add("own.savedmodel/");
  assert.is(await find(files, 'default_model_filename: "model.graphdef"'), files.at("model.graphdef"));
  assert.is(await find(files, 'default_model_filename: "own.savedmodel"'), files.at("own.savedmodel"));
  await refuses(
    files,
    'default_model_filename: "other"',
    `unable to find '${files.at("other")}' for model instance 'm'`,
  );
});

test("of a PyTorch model in Python it is the file named, else model.py, else model.pt", async ({ files }) => {
  files.add("model.pt");
  assert.is(await find(files, pytorch), files.at("model.pt"));
  files.add("model.py");
  assert.is(await find(files, pytorch), files.at("model.py"));
  const own = `${pytorch} default_model_filename: "net.py"`;
  assert.is(await find(files, own), files.at("model.py"));
  files.add("net.py");
  assert.is(await find(files, own), files.at("net.py"));
  assert.is(await find(files, 'backend: "pytorch" runtime: "model.py"'), files.at("model.py"));
});

test("what was looked for is told, as the reference does", async ({ files }) => {
  await refuses(files, pytorch, `No model found in ${files.path}/[model.py, model.pt]`);
  await refuses(
    files,
    'backend: "python" platform: "tensorflow_savedmodel" default_model_filename: "model.savedmodel"',
    `No savedmodel dir found in ${files.at("model.savedmodel")}`,
  );
});

test.run();
