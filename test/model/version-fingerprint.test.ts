import { rmSync, symlinkSync, utimesSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ModelConfig } from "../../src/config/model-config.js";
import { versionFingerprint } from "../../src/model/version-fingerprint.js";
import { doubleConfig, modelConfig } from "../support/model-config.js";
import { ModelFiles } from "../support/model-files.js";

const test = suite<{ files: ModelFiles; before: string }>("version fingerprint");
const config = modelConfig(doubleConfig);
const fingerprint = (files: ModelFiles, changed: ModelConfig = config) =>
  versionFingerprint(files.path, changed, 1);

test.before.each(async (context) => {
  context.files = new ModelFiles({
    "config.pbtxt": "",
    "labels.txt": "cat",
    "1/model.savedmodel/saved_model.pb": "graph",
    "1/model.savedmodel/variables/variables.data-00000-of-00001": "weights",
    "2/model.savedmodel/saved_model.pb": "graph",
  });
  context.before = await fingerprint(context.files);
});
test.after.each(({ files }) => files.remove());

test("is the same as long as nothing changes", async ({ files, before }) => {
  assert.is(await fingerprint(files), before);
});

test("changes with the size, the time, the coming and the going of a file of the version", async ({
  files,
  before,
}) => {
  const weights = "1/model.savedmodel/variables/variables.data-00000-of-00001";
  utimesSync(files.at(weights), 1, 1);
  const touched = await fingerprint(files);
  files.add(weights, "more weights");
  utimesSync(files.at(weights), 1, 1);
  const grown = await fingerprint(files);
  files.add("1/model.savedmodel/assets/words.txt");
  const added = await fingerprint(files);
  rmSync(files.at(weights));
  const removed = await fingerprint(files);
  assert.is(new Set([before, touched, grown, added, removed]).size, 5);
});

test("changes with files that all versions share, not with another version's", async ({ files, before }) => {
  files.add("2/model.savedmodel/saved_model.pb", "another graph");
  files.add("3/model.savedmodel/saved_model.pb");
  assert.is(await fingerprint(files), before);
  files.add("warmup/image");
  assert.is.not(await fingerprint(files), before);
});

test("changes with what the configuration says, not with its file; the version policy says nothing", async ({
  files,
  before,
}) => {
  files.add("config.pbtxt", "# a comment");
  files.add("configs/small.pbtxt", "");
  assert.is(await fingerprint(files), before);
  assert.is.not(await fingerprint(files, { ...config, maxBatchSize: 7 }), before);
  const all = { all: {}, latest: undefined, specific: undefined };
  assert.is(await fingerprint(files, { ...config, versionPolicy: all }), before);
});

test("follows links, those into a folder around them only once", async ({ files }) => {
  const elsewhere = new ModelFiles({ model: "graph" });
  symlinkSync(elsewhere.path, files.at("1/linked"));
  symlinkSync(files.path, files.at("1/around"));
  const before = await fingerprint(files);
  elsewhere.add("model", "another graph");
  assert.is.not(await fingerprint(files), before);
  elsewhere.remove();
});

test.run();
