import { rmSync, utimesSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Code, ServingError } from "../../src/inference/serving-error.js";
import type { EngineLoader } from "../../src/model/engine-loader.js";
import { Repository, type RepositoryOptions } from "../../src/model/repository.js";
import { type FakeEngine, type FakeEngineOptions, fakeLoader } from "../support/fake-engine.js";
import { doubleConfig } from "../support/model-config.js";
import { ModelFiles } from "../support/model-files.js";
import { fp32, rejection, request } from "./make-model.js";

const test = suite<{ files: ModelFiles }>("model lifecycle");
test.before.each((context) => {
  context.files = new ModelFiles();
});
test.after.each(({ files }) => files.remove());

const nameless = doubleConfig.replace('name: "double"', "");
const allVersions = `${nameless} version_policy { all { } }`;

function addModel(files: ModelFiles, name: string, config = nameless, versions: readonly number[] = [1]) {
  files.add(`${name}/config.pbtxt`, config);
  for (const version of versions) files.add(`${name}/${version}/model.graphdef`);
}

/** Files are told apart by time; a test writes faster than some clocks tick. */
function change(files: ModelFiles, path: string) {
  files.add(path, "changed");
  utimesSync(files.at(path), 1, Math.random() * 1e9);
}

/** A repository over fake engines whose loading can be made to fail and to wait. */
async function started(
  files: ModelFiles,
  options: RepositoryOptions = {},
  engineOptions: FakeEngineOptions = {},
) {
  const loader = fakeLoader(engineOptions);
  const loads: string[] = [];
  const engines: FakeEngine[] = [];
  const control = { failing: new Set<string>(), wait: async (_load: string) => {} };
  const controlled: EngineLoader = async (load) => {
    const what = `${load.modelName}/${load.modelVersion}`;
    loads.push(what);
    await control.wait(what);
    if (control.failing.has(what)) throw new ServingError(Code.INTERNAL, "bad graph");
    const engine = await loader(load);
    engines.push(engine as FakeEngine);
    return engine;
  };
  const silent = { info() {}, warn() {}, error() {} };
  const repository = new Repository(files.path, {
    logger: silent,
    engines: { tensorflow: controlled },
    ...options,
  });
  const failures = await repository.load();
  loads.length = 0;
  const states = () =>
    repository.index().map(({ name, version, state, reason }) => [name, version, state, reason].join(" "));
  return { repository, failures, loads, engines, control, states };
}

/** Makes every load wait until `finish` is called; `begun` resolves when one does. */
function pausedLoads(control: { wait: (load: string) => Promise<void> }) {
  const paused = { begun: Promise.resolve(), finish: () => {} };
  paused.begun = new Promise<void>((resolve) => {
    control.wait = () => {
      resolve();
      return new Promise<void>((done) => {
        paused.finish = done;
      });
    };
  });
  return paused;
}

const infer = (repository: Repository, name = "m", version?: number) =>
  repository.model(name, version).infer(request([fp32("x", [1, 2], [3, 4])]));

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

test("unloading frees every version and refuses requests; other models are not affected", async ({
  files,
}) => {
  addModel(files, "m", allVersions, [1, 2]);
  addModel(files, "other");
  const { repository, engines, states } = await started(files);
  await repository.unloadModel("m");
  assert.equal(states(), ["m 1 UNAVAILABLE unloaded", "m 2 UNAVAILABLE unloaded", "other 1 READY "]);
  assert.throws(() => repository.model("m"), /has no available versions/);
  assert.throws(() => repository.model("m", 1), /version 1 is not at ready state/);
  assert.is((await infer(repository, "other")).modelVersion, 1);
  assert.is(engines.filter(({ closed }) => closed).length, 2);
  assert.is(repository.allReady(), true);
  await repository.loadModel("m");
  assert.is((await infer(repository)).modelVersion, 2);
});

test("unloading waits for what is under way", async ({ files }) => {
  addModel(files, "m");
  const { repository, engines } = await started(files, {}, { manual: true });
  const answer = infer(repository);
  let isDone = false;
  const unloading = repository.unloadModel("m").then(() => {
    isDone = true;
  });
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.is(isDone, false);
  assert.is(repository.index()[0]?.state, "UNLOADING");
  engines[0]?.finish();
  await answer;
  await unloading;
  assert.is(engines[0]?.closed, true);
});

test("unloading what is unknown, or failed to load, succeeds", async ({ files }) => {
  addModel(files, "broken", nameless, []);
  const { repository, failures } = await started(files);
  assert.is(failures.length, 1);
  assert.is(repository.allReady(), false);
  await repository.unloadModel("broken");
  await repository.unloadModel("unknown");
  assert.equal(repository.index(), [{ name: "broken" }]);
  assert.is(repository.allReady(), true);
});

test("versions that an engine cannot free are told", async ({ files }) => {
  addModel(files, "m", allVersions, [1, 2, 3]);
  const { repository, engines } = await started(files);
  for (const engine of engines.slice(0, 2)) {
    engine.close = () => Promise.reject(new ServingError(Code.INTERNAL, "stuck"));
  }
  const { message, code } = await rejection(repository.unloadModel("m"));
  assert.is(code, Code.INTERNAL);
  assert.is(message, "failed to unload 'm', versions that are still available: 1,2");
  assert.is(engines[2]?.closed, true);
  assert.is(repository.index()[0]?.reason, "Internal: stuck");
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

test("closing during a load frees what it loads, and begins nothing more", async ({ files }) => {
  addModel(files, "m", allVersions, [1, 2]);
  const { repository, control, engines, loads } = await started(files, { models: [] });
  const paused = pausedLoads(control);
  const loading = repository.loadModel("m");
  const waiting = repository.loadModel("m");
  await paused.begun;
  const closing = repository.close();
  paused.finish();
  assert.match((await rejection(loading)).message, "the repository is closing and loads no more models");
  assert.match((await rejection(waiting)).message, "the repository is closing and loads no more models");
  await closing;
  assert.equal(loads, ["m/1"]);
  assert.equal(
    engines.map(({ closed }) => closed),
    [true],
  );
  assert.is((await rejection(repository.loadModel("m"))).code, Code.UNAVAILABLE);
  await repository.unloadModel("m");
});

test.run();
