import { rmSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Code, ServingError } from "../../src/inference/serving-error.js";
import { Repository } from "../../src/model/repository.js";
import type { FakeEngine } from "../support/fake-engine.js";
import { ModelFiles } from "../support/model-files.js";
import {
  addModel,
  allVersions,
  change,
  infer,
  nameless,
  pausedLoads,
  started,
} from "./lifecycle-repository.js";
import { rejection } from "./make-model.js";

const test = suite<{ files: ModelFiles }>("model lifecycle");
test.before.each((context) => {
  context.files = new ModelFiles();
});
test.after.each(({ files }) => files.remove());

test("a model that appears after the start can be loaded", async ({ files }) => {
  const { repository } = await started(files);
  addModel(files, "m");
  await repository.loadModel("m");
  assert.is((await infer(repository)).modelVersion, 1);
  assert.is(repository.allReady(), true);
});

test("a new version takes the place of the old one, which is freed", async ({ files }) => {
  addModel(files, "m");
  const { repository, engines, loads, states } = await started(files);
  addModel(files, "m", nameless, [2]);
  await repository.loadModel("m");
  assert.equal(loads, ["m/2"]);
  assert.equal(states(), ["m 1 UNAVAILABLE unloaded", "m 2 READY "]);
  assert.equal(
    engines.map(({ closed }) => closed),
    [true, false],
  );
  assert.is((await infer(repository)).modelVersion, 2);
  assert.is(repository.allReady(), true);
});

test("the old version serves while the new one loads, and there is one READY at every moment", async ({
  files,
}) => {
  addModel(files, "m");
  const { repository, control } = await started(files);
  addModel(files, "m", nameless, [2]);
  const paused = pausedLoads(control);
  const loading = repository.loadModel("m");
  await paused.begun;
  assert.is((await infer(repository)).modelVersion, 1);
  assert.is(repository.index()[1]?.state, "LOADING");
  paused.finish();
  let isDone = false;
  loading.then(() => {
    isDone = true;
  });
  while (!isDone) {
    assert.ok([1, 2].includes((await infer(repository)).modelVersion as number));
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.is(repository.model("m").version, 2);
});

test("a version that is taken out answers what it was given before it is freed", async ({ files }) => {
  addModel(files, "m");
  const { repository, engines, states } = await started(files, {}, { manual: true });
  const [old] = engines as [FakeEngine];
  const answer = infer(repository);
  addModel(files, "m", nameless, [2]);
  const loading = repository.loadModel("m");
  while (repository.model("m").version !== 2) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(states(), ["m 1 UNLOADING ", "m 2 READY "]);
  assert.is(old.closed, false);
  old.finish();
  assert.is((await answer).modelVersion, 1);
  await loading;
  assert.is(old.closed, true);
});

test("what has not changed is kept as it is, statistics and all", async ({ files }) => {
  addModel(files, "m", allVersions, [1, 2]);
  const { repository, loads, engines } = await started(files);
  await infer(repository, "m", 2);
  await repository.loadModel("m");
  assert.equal(loads, []);
  change(files, "m/1/model.graphdef");
  await repository.loadModel("m");
  assert.equal(loads, ["m/1"]);
  assert.is(repository.model("m", 2).statistics.success.count, 1);
  assert.equal(
    engines.map(({ closed }) => closed),
    [true, false, false],
  );
});

test("a changed version keeps its number and starts its statistics anew", async ({ files }) => {
  addModel(files, "m");
  const { repository, engines, states } = await started(files);
  await infer(repository);
  change(files, "m/1/model.graphdef");
  await repository.loadModel("m");
  assert.is(repository.model("m").statistics.success.count, 0);
  assert.is(engines[0]?.closed, true);
  assert.equal(states(), ["m 1 READY "]);
});

test("a changed configuration or label file changes every version", async ({ files }) => {
  const labelled = allVersions.replace('name: "y"', 'name: "y" label_filename: "labels.txt"');
  addModel(files, "m", labelled, [1, 2]);
  files.add("m/labels.txt", "cat");
  const { repository, loads } = await started(files);
  change(files, "m/labels.txt");
  await repository.loadModel("m");
  assert.equal(loads, ["m/1", "m/2"]);
  assert.equal(repository.model("m").labels("y"), ["changed"]);
  files.add("m/config.pbtxt", labelled.replace("max_batch_size: 4", "max_batch_size: 7"));
  await repository.loadModel("m");
  assert.equal(loads, ["m/1", "m/2", "m/1", "m/2"]);
  assert.is(repository.model("m").config.maxBatchSize, 7);
});

test("a changed version policy loads and frees versions, and is shown by those that stay", async ({
  files,
}) => {
  addModel(files, "m", nameless, [1, 2, 3]);
  const { repository, loads, states } = await started(files);
  files.add("m/config.pbtxt", `${nameless} version_policy { specific { versions: [1, 3] } }`);
  await repository.loadModel("m");
  assert.equal(loads, ["m/1"]);
  assert.equal(states(), ["m 1 READY ", "m 3 READY "]);
  assert.equal(repository.model("m", 3).config.versionPolicy?.specific?.versions, [1, 3]);
  files.add("m/config.pbtxt", nameless);
  await repository.loadModel("m");
  assert.equal(states(), ["m 1 UNAVAILABLE unloaded", "m 3 READY "]);
  assert.equal(repository.model("m").config.versionPolicy?.latest, { numVersions: 1 });
});

test("where a version fails the others are discarded and what served serves on", async ({ files }) => {
  addModel(files, "m", allVersions, [1]);
  const { repository, control, engines, states } = await started(files);
  addModel(files, "m", allVersions, [2, 3]);
  control.failing.add("m/3");
  const { code, message } = await rejection(repository.loadModel("m"));
  assert.is(code, Code.INVALID_ARGUMENT);
  assert.is(message, "load failed for model 'm': version 3 is at UNAVAILABLE state: Internal: bad graph;\n");
  assert.equal(states(), ["m 1 READY ", "m 2 UNAVAILABLE unloaded", "m 3 UNAVAILABLE Internal: bad graph"]);
  assert.is((await infer(repository)).modelVersion, 1);
  assert.equal(
    engines.map(({ closed }) => closed),
    [false, true],
  );
  control.failing.clear();
  await repository.loadModel("m");
  assert.equal(states(), ["m 1 READY ", "m 2 READY ", "m 3 READY "]);
});

test("each version that fails has its line, a changed one serves on as it was", async ({ files }) => {
  addModel(files, "m", allVersions, [1, 2]);
  const { repository, control, states } = await started(files);
  control.failing.add("m/1").add("m/2");
  change(files, "m/1/model.graphdef");
  change(files, "m/2/model.graphdef");
  const { message } = await rejection(repository.loadModel("m"));
  const line = (version: number) => `version ${version} is at UNAVAILABLE state: Internal: bad graph;\n`;
  assert.is(message, `load failed for model 'm': ${line(1)}${line(2)}`);
  assert.equal(states(), ["m 1 READY ", "m 2 READY "]);
  control.failing.clear();
  await repository.loadModel("m"); // what could not be loaded is still a change
  assert.is(repository.model("m").statistics.success.count, 0);
});

test("a configuration that became wrong harms nothing that serves", async ({ files }) => {
  addModel(files, "m");
  const { repository, states } = await started(files);
  files.add("m/config.pbtxt", 'nonsense: "field"');
  const { message, code } = await rejection(repository.loadModel("m"));
  assert.is(code, Code.INVALID_ARGUMENT);
  assert.match(message, /^load failed for model 'm': Internal: failed to read text proto from .*;\n$/);
  assert.equal(states(), ["m 1 READY "]);
  rmSync(files.at("m/1"), { recursive: true });
  files.add("m/config.pbtxt", nameless);
  assert.match(
    (await rejection(repository.loadModel("m"))).message,
    "at least one version must be available",
  );
  assert.is((await infer(repository)).modelVersion, 1);
});

test("a version that failed and is gone from disk is forgotten as a failure", async ({ files }) => {
  addModel(files, "m");
  const { repository, control, states } = await started(files);
  addModel(files, "m", nameless, [2]);
  control.failing.add("m/2");
  await rejection(repository.loadModel("m"));
  assert.is(repository.allReady(), false);
  rmSync(files.at("m/2"), { recursive: true });
  await repository.loadModel("m");
  assert.equal(states(), ["m 1 READY ", "m 2 UNAVAILABLE unloaded"]);
  assert.is(repository.allReady(), true);
});

test("a failed load is tried again as often as asked", async ({ files }) => {
  addModel(files, "m");
  const { repository, control, loads } = await started(files, { modelLoadRetryCount: 2 });
  change(files, "m/1/model.graphdef");
  control.wait = async () => {
    if (loads.length < 3) throw new ServingError(Code.UNAVAILABLE, "not yet");
  };
  await repository.loadModel("m");
  assert.is(loads.length, 3);
});

test("names that cannot be a model's are refused, unknown ones are told", async ({ files }) => {
  const { repository } = await started(files);
  const failure = async (name: string) => {
    const { code, message } = await rejection(repository.loadModel(name));
    return [code, message];
  };
  const empty = "Model name cannot be empty. Please enter a valid name to deploy.";
  assert.equal(await failure(""), [Code.INVALID_ARGUMENT, empty]);
  assert.equal(await failure(" \t"), [Code.INVALID_ARGUMENT, empty]);
  for (const name of ["..", " .. ", "../m", "a/b"]) {
    const text = `invalid model name '${name}', model name must not contain path traversal characters`;
    assert.equal(await failure(name), [Code.INVALID_ARGUMENT, text]);
  }
  for (const name of ["...", "model..1", "."]) {
    const text = `failed to load '${name}', failed to poll from model repository`;
    assert.equal(await failure(name), [Code.INTERNAL, text]);
  }
  assert.equal(repository.index(), []);
});

test("a name in two repositories is not loaded", async ({ files }) => {
  addModel(files, "a/m");
  addModel(files, "b/m");
  const silent = { info() {}, warn() {}, error() {} };
  const repository = new Repository([files.at("a"), files.at("b")], { models: [], logger: silent });
  await repository.load();
  const { message } = await rejection(repository.loadModel("m"));
  assert.is(message, "load failed for model 'm': model appears in two or more repositories;\n");
});

test("calls for one model are carried out one after the other, for different models at once", async ({
  files,
}) => {
  for (const name of ["a", "b"]) addModel(files, name);
  const { repository, control, loads } = await started(files, { models: [] });
  const running = new Set<string>();
  let most = 0;
  let both = () => {};
  const bothRun = new Promise<void>((resolve) => {
    both = resolve;
  });
  control.wait = async (what) => {
    assert.not(running.has(what));
    running.add(what);
    most = Math.max(most, running.size);
    if (running.size === 2) both();
    await bothRun;
    running.delete(what);
  };
  await Promise.all([
    repository.loadModel("a"),
    repository.unloadModel("a"),
    repository.loadModel("a"),
    repository.loadModel("a"),
    repository.loadModel("b"),
  ]);
  assert.is(most, 2);
  assert.equal([...loads].sort(), ["a/1", "a/1", "b/1"]);
  assert.is((await infer(repository, "a")).modelVersion, 1);
});

test.run();
