import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Code } from "../../src/inference/serving-error.js";
import { ModelFiles } from "../support/model-files.js";
import { addModel, allVersions, change, infer, nameless, started } from "./lifecycle-repository.js";
import { rejection } from "./make-model.js";

const test = suite<{ files: ModelFiles }>("explicit model control");
test.before.each((context) => {
  context.files = new ModelFiles();
});
test.after.each(({ files }) => files.remove());

const explicit = { modelControl: "explicit" } as const;
const promptly = { waitUntilFreed: false };

test("nothing is loaded at the start, everything is known by name, and the repository is ready", async ({
  files,
}) => {
  addModel(files, "a");
  addModel(files, "b");
  const { repository, failures, engines } = await started(files, explicit);
  assert.equal(failures, []);
  assert.is(engines.length, 0);
  assert.equal(repository.index(), [{ name: "a" }, { name: "b" }]);
  assert.is(repository.allReady(), true);
  assert.throws(() => repository.model("a"), /^Request for unknown model: 'a' has no available versions$/);
});

test("the models asked for are loaded at the start, or all of them", async ({ files }) => {
  addModel(files, "a");
  addModel(files, "b");
  const some = await started(files, { ...explicit, models: ["b"] });
  assert.equal(some.repository.index()[0], { name: "a" });
  assert.is(some.repository.model("b").version, 1);
  const all = await started(files, { ...explicit, models: ["*"] });
  assert.equal(all.states(), ["a 1 READY ", "b 1 READY "]);
  const { message, code } = await rejection(started(files, { ...explicit, models: ["a", "*"] }));
  assert.match(message, /^Wildcard model name '\*' must be the ONLY startup model if specified at all\./);
  assert.is(code, Code.INVALID_ARGUMENT);
});

test("only what is asked for at the start can fail there; what is not there fails too", async ({ files }) => {
  addModel(files, "broken", nameless, []);
  const { failures } = await started(files, explicit);
  assert.equal(failures, []);
  const asked = await started(files, { ...explicit, models: ["broken", "unknown"] });
  assert.equal(
    asked.failures.map(({ name }) => name),
    ["broken", "unknown"],
  );
  assert.is(asked.failures[1]?.reason, "failed to load 'unknown', failed to poll from model repository");
});

test("a model that fails to load keeps the repository from being ready, until it is unloaded", async ({
  files,
}) => {
  addModel(files, "m", allVersions, [1, 2]);
  const { repository, control, states } = await started(files, explicit);
  control.failing.add("m/2");
  const { message, code } = await rejection(repository.loadModel("m"));
  assert.is(message, "load failed for model 'm': version 2 is at UNAVAILABLE state: Internal: bad graph;\n");
  assert.is(code, Code.INVALID_ARGUMENT);
  assert.equal(states(), ["m 1 UNAVAILABLE unloaded", "m 2 UNAVAILABLE Internal: bad graph"]);
  assert.is(repository.allReady(), false);
  await repository.unloadModel("m");
  assert.is(repository.allReady(), true);
});

test("an unknown model is no reason not to be ready", async ({ files }) => {
  const { repository } = await started(files, explicit);
  const { message, code } = await rejection(repository.loadModel("unknown"));
  assert.is(message, "failed to load 'unknown', failed to poll from model repository");
  assert.is(code, Code.INTERNAL);
  assert.equal(repository.index(), []);
  assert.is(repository.allReady(), true);
});

test("a scan learns of models that have come, and forgets those that are gone and were never loaded", async ({
  files,
}) => {
  addModel(files, "early");
  const { repository, states } = await started(files, { ...explicit, models: ["early"] });
  addModel(files, "late");
  await repository.scan();
  assert.equal(states(), ["early 1 READY ", "late   "]);
  files.remove();
  files.add("./");
  await repository.scan();
  assert.equal(states(), ["early 1 READY "]);
  await repository.unloadModel("early");
  await repository.scan();
  assert.equal(states(), ["early 1 UNAVAILABLE unloaded"]);
});

test("a name in two places is told without being loaded, and no longer once it is in one", async ({
  files,
}) => {
  const other = new ModelFiles();
  addModel(files, "m");
  addModel(other, "m");
  const { repository, states } = await started(files, explicit, {}, [other.path]);
  const reason = "model appears in two or more repositories";
  assert.equal(repository.index(), [{ name: "m", state: "UNAVAILABLE", reason }]);
  assert.is(repository.allReady(), true);
  assert.is((await rejection(repository.loadModel("m"))).message, `load failed for model 'm': ${reason};\n`);
  await repository.unloadModel("m");
  other.remove();
  other.add("./");
  await repository.scan();
  assert.equal(repository.index(), [{ name: "m" }]);
  await repository.loadModel("m");
  assert.equal(states(), ["m 1 READY "]);
  other.remove();
});

test("who does not wait is told when no new request is taken; what is under way is answered", async ({
  files,
}) => {
  addModel(files, "m");
  const { repository, engines } = await started(files, { ...explicit, models: ["m"] }, { manual: true });
  const answer = infer(repository);
  await repository.unloadModel("m", promptly);
  assert.is(repository.index()[0]?.state, "UNLOADING");
  assert.throws(() => repository.model("m"), /has no available versions/);
  assert.throws(() => repository.model("m", 1), /version 1 is not at ready state/);
  assert.is(engines[0]?.closed, false);
  engines[0]?.finish();
  assert.is((await answer).modelVersion, 1);
  await repository.unloadModel("m");
  assert.is(engines[0]?.closed, true);
  assert.is(repository.index()[0]?.reason, "unloaded");
});

test("who does not wait is told when the new version serves, though the old one still answers", async ({
  files,
}) => {
  addModel(files, "m");
  const { repository, engines } = await started(files, { ...explicit, models: ["m"] }, { manual: true });
  const answer = infer(repository);
  change(files, "m/1/model.graphdef");
  await repository.loadModel("m", promptly);
  assert.is(repository.index()[0]?.state, "READY");
  assert.equal(
    engines.map(({ closed }) => closed),
    [false, false],
  );
  engines[0]?.finish();
  assert.is((await answer).modelVersion, 1);
  await repository.loadModel("m");
  assert.is(engines[0]?.closed, true);
});

test("who does not wait is told of a failure all the same", async ({ files }) => {
  addModel(files, "m");
  const { repository, control } = await started(files, explicit);
  control.failing.add("m/1");
  assert.match((await rejection(repository.loadModel("m", promptly))).message, /bad graph/);
});

test.run();
