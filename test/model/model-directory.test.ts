import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readModelDirectory } from "../../src/model/model-directory.js";
import { ModelFiles } from "../support/model-files.js";
import { rejection } from "./make-model.js";

const test = suite<{ files: ModelFiles }>("model directory");
test.before.each((context) => {
  context.files = new ModelFiles();
});
test.after.each(({ files }) => files.remove());

test("versions are the directories named by numbers, ascending", async ({ files }) => {
  for (const path of ["m/2/", "m/10/", "m/1/", "m/3"]) files.add(path);
  const { name, versions, warnings } = await readModelDirectory(files.at("m"));
  assert.is(name, "m");
  assert.equal(versions, [1, 2, 10]);
  assert.equal(warnings, []);
});

test("other directories are ignored with a warning, but for the reserved ones", async ({ files }) => {
  for (const path of ["m/1/", "m/01/", "m/draft/", "m/warmup/", "m/initial_state/", "m/configs/"]) {
    files.add(path);
  }
  const { versions, warnings } = await readModelDirectory(files.at("m"));
  assert.equal(versions, [1]);
  assert.equal(warnings, [
    "model 'm': directory '01' ignored: its number has a leading zero",
    "model 'm': directory 'draft' ignored: its name is not a version number",
  ]);
});

test("the first directory by name tells what the model is", async ({ files }) => {
  for (const path of ["m/10/model.pt", "m/2/model.graphdef", "m/10/extra/"]) files.add(path);
  const { firstEntries } = await readModelDirectory(files.at("m"));
  assert.equal(firstEntries, [
    { name: "extra", isDirectory: true },
    { name: "model.pt", isDirectory: false },
  ]);
});

test("the configuration is config.pbtxt, if it is there", async ({ files }) => {
  files.add("m/config.pbtxt");
  files.add("n/1/");
  assert.is((await readModelDirectory(files.at("m"))).configPath, files.at("m/config.pbtxt"));
  assert.is((await readModelDirectory(files.at("n"))).configPath, undefined);
});

test("a custom configuration is preferred where the model has it", async ({ files }) => {
  files.add("m/config.pbtxt");
  files.add("m/configs/gpu.pbtxt");
  assert.is((await readModelDirectory(files.at("m"), "gpu")).configPath, files.at("m/configs/gpu.pbtxt"));
  assert.is((await readModelDirectory(files.at("m"), "cpu")).configPath, files.at("m/config.pbtxt"));
});

test("a directory that is not there is an error", async ({ files }) => {
  const { message } = await rejection(readModelDirectory(files.at("none")));
  assert.match(message, /unable to read directory '.*none'/);
});

test.run();
