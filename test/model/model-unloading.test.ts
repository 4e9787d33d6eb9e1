import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Code, ServingError } from "../../src/inference/serving-error.js";
import { ModelFiles } from "../support/model-files.js";
import { addModel, allVersions, infer, nameless, pausedLoads, started } from "./lifecycle-repository.js";
import { rejection } from "./make-model.js";

const test = suite<{ files: ModelFiles }>("model unloading");
test.before.each((context) => {
  context.files = new ModelFiles();
});
test.after.each(({ files }) => files.remove());

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
