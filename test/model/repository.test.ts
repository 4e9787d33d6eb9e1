import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Code, ServingError } from "../../src/inference/serving-error.js";
import type { EngineLoader } from "../../src/model/engine-loader.js";
import { Repository, type RepositoryOptions } from "../../src/model/repository.js";
import { fakeLoader } from "../support/fake-engine.js";
import { doubleConfig } from "../support/model-config.js";
import { ModelFiles } from "../support/model-files.js";
import { fp32, rejection, request } from "./make-model.js";

const test = suite<{ files: ModelFiles; other: ModelFiles }>("repository");
test.before.each((context) => {
  context.files = new ModelFiles();
  context.other = new ModelFiles();
});
test.after.each(({ files, other }) => {
  files.remove();
  other.remove();
});

/** The fixed parts of the configuration without its name, which is the directory's. */
const nameless = doubleConfig.replace('name: "double"', "");

function addModel(files: ModelFiles, name: string, config = nameless, versions: readonly number[] = [1]) {
  files.add(`${name}/config.pbtxt`, config);
  for (const version of versions) files.add(`${name}/${version}/model.graphdef`);
}

function logger() {
  const lines: string[] = [];
  const log = (message: string) => lines.push(message);
  return { lines, info: () => {}, warn: log, error: log };
}

async function loaded(paths: string | readonly string[], options: RepositoryOptions = {}) {
  const log = logger();
  const loader = fakeLoader();
  const repository = new Repository(paths, { logger: log, engines: { tensorflow: loader }, ...options });
  const failures = await repository.load();
  return { repository, failures, loader, lines: log.lines };
}

test("loads every model of every path and answers by name", async ({ files, other }) => {
  addModel(files, "b");
  addModel(files, "a");
  addModel(other, "c");
  const { repository, failures } = await loaded([files.path, other.path]);
  assert.equal(failures, []);
  assert.equal(repository.index(), [
    { name: "a", version: "1", state: "READY", reason: "" },
    { name: "b", version: "1", state: "READY", reason: "" },
    { name: "c", version: "1", state: "READY", reason: "" },
  ]);
  assert.is(repository.allReady(), true);
  const { outputs } = await repository.model("c").infer(request([fp32("x", [1, 2], [3, 4])]));
  assert.equal(outputs[0]?.data, Float32Array.of(3, 4));
});

test("a name in two paths is not loaded, the others are", async ({ files, other }) => {
  addModel(files, "a");
  addModel(files, "twice");
  addModel(other, "twice");
  const { repository, failures } = await loaded([files.path, other.path]);
  const reason = "model appears in two or more repositories";
  assert.equal(failures, [{ name: "twice", reason }]);
  assert.equal(repository.index()[1], { name: "twice", state: "UNAVAILABLE", reason });
  assert.is(repository.model("a").version, 1);
  assert.is(repository.allReady(), false);
});

test("requests without a version get the highest that is READY", async ({ files }) => {
  addModel(files, "m", `${nameless} version_policy { all { } }`, [1, 2, 10]);
  const { repository } = await loaded(files.path);
  assert.is(repository.model("m").version, 10);
  assert.is(repository.model("m", 2).version, 2);
  assert.equal(repository.model("m").metadata.versions, ["1", "2", "10"]);
  assert.is(repository.models().length, 3);
});

test("versions are separate: each counts for itself", async ({ files }) => {
  addModel(files, "m", `${nameless} version_policy { all { } }`, [1, 2]);
  const { repository } = await loaded(files.path);
  await repository.model("m", 1).infer(request([fp32("x", [1, 2])]));
  assert.is(repository.model("m", 1).statistics.success.count, 1);
  assert.is(repository.model("m", 2).statistics.success.count, 0);
});

test("one model's failure does not harm the others, and the index tells it", async ({ files }) => {
  addModel(files, "good");
  addModel(files, "no-versions", nameless, []);
  addModel(files, "odd", 'nonsense: "field"');
  files.add("no-file/config.pbtxt", nameless);
  files.add("no-file/1/");
  const { repository, failures, lines } = await loaded(files.path);
  assert.equal(
    failures.map(({ name }) => name),
    ["no-file", "no-versions", "odd"],
  );
  const [noFile, noVersions, odd] = failures.map(({ reason }) => reason);
  assert.match(
    noFile as string,
    /^version 1 is at UNAVAILABLE state: Unavailable: unable to find '.*model.graphdef'.*;$/,
  );
  assert.is(
    noVersions,
    "Invalid argument: at least one version must be available under the version policy of model 'no-versions'",
  );
  assert.match(odd as string, /^Internal: failed to read text proto from .*config.pbtxt/);
  assert.is(repository.model("good").version, 1);
  assert.is(repository.index().find(({ name }) => name === "no-file")?.state, "UNAVAILABLE");
  assert.is(lines.length, 3);
});

test("an engine's error is the version's reason, and no version is left half loaded", async ({ files }) => {
  addModel(files, "m", `${nameless} version_policy { all { } }`, [1, 2]);
  const loader = fakeLoader();
  const failing: EngineLoader = async (load) => {
    if (load.modelVersion === 2) throw new ServingError(Code.INTERNAL, "bad graph");
    return loader(load);
  };
  const { repository, failures } = await loaded(files.path, { engines: { tensorflow: failing } });
  assert.equal(repository.index(), [
    { name: "m", version: "1", state: "UNAVAILABLE", reason: "unloaded" },
    { name: "m", version: "2", state: "UNAVAILABLE", reason: "Internal: bad graph" },
  ]);
  assert.is(loader.engines.get("m/1")?.closed, true);
  assert.equal(failures, [{ name: "m", reason: "version 2 is at UNAVAILABLE state: Internal: bad graph;" }]);
});

test("a load that failed is tried again as often as asked", async ({ files }) => {
  addModel(files, "m");
  const loader = fakeLoader();
  let attempts = 0;
  const flaky: EngineLoader = async (load) => {
    if (++attempts < 3) throw new Error("not yet");
    return loader(load);
  };
  const { failures } = await loaded(files.path, {
    engines: { tensorflow: flaky },
    modelLoadRetryCount: 2,
  });
  assert.equal(failures, []);
  assert.is(attempts, 3);
});

test("no more models load at a time than asked", async ({ files }) => {
  for (const name of ["a", "b", "c", "d", "e"]) addModel(files, name);
  const loader = fakeLoader();
  let current = 0;
  let most = 0;
  let twoAtOnce = () => {};
  const reached = new Promise<void>((resolve) => {
    twoAtOnce = resolve;
  });
  const counting: EngineLoader = async (load) => {
    most = Math.max(most, ++current);
    if (current === 2) twoAtOnce();
    await reached; // the first waits for a second, however long reading that one's files takes
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve)); // time for a third
    current--;
    return loader(load);
  };
  const { repository } = await loaded(files.path, {
    engines: { tensorflow: counting },
    modelLoadThreadCount: 2,
  });
  assert.is(most, 2);
  assert.is(repository.allReady(), true);
});

test("only the models asked for are loaded, the others are known by name", async ({ files }) => {
  addModel(files, "a");
  addModel(files, "b");
  const { repository, failures } = await loaded(files.path, { models: ["b", "c"] });
  assert.equal(repository.index(), [
    { name: "a" },
    { name: "b", version: "1", state: "READY", reason: "" },
    {
      name: "c",
      state: "UNAVAILABLE",
      reason: "failed to load 'c', failed to poll from model repository",
    },
  ]);
  assert.equal(
    failures.map(({ name }) => name),
    ["c"],
  );
});

test("lookups fail with the reason", async ({ files }) => {
  addModel(files, "m", nameless, [1]);
  addModel(files, "broken", nameless, []);
  const { repository } = await loaded(files.path);
  const failure = (name: string, version?: number) => {
    try {
      repository.model(name, version);
    } catch (error) {
      const { code, message } = error as ServingError;
      return [code, message];
    }
    return undefined;
  };
  assert.equal(failure("x"), [Code.NOT_FOUND, "Request for unknown model: 'x' is not found"]);
  assert.equal(failure("m", 2), [Code.NOT_FOUND, "Request for unknown model: 'm' version 2 is not found"]);
  assert.equal(failure("broken"), [
    Code.NOT_FOUND,
    "Request for unknown model: 'broken' has no available versions",
  ]);
  await repository.close();
  assert.equal(failure("m", 1), [
    Code.UNAVAILABLE,
    "Request for unknown model: 'm' version 1 is not at ready state",
  ]);
});

test("an unknown backend is an error that names it", async ({ files }) => {
  addModel(files, "m", 'backend: "onnxruntime"');
  const { failures } = await loaded(files.path);
  assert.is(
    failures[0]?.reason,
    "Invalid argument: unable to find backend library for backend 'onnxruntime', try specifying runtime on the model configuration.",
  );
});

test("instances, devices and batching of the configuration reach the engine", async ({ files }) => {
  addModel(files, "m", `${nameless} dynamic_batching { } instance_group { count: 2 kind: KIND_CPU }`);
  const loader = fakeLoader();
  const seen: unknown[] = [];
  const recording: EngineLoader = (load) => {
    const { modelName, modelVersion, path, instances, coalesceRows } = load;
    seen.push({ modelName, modelVersion, path, instances, coalesceRows });
    return loader(load);
  };
  await loaded(files.path, { engines: { tensorflow: recording } });
  assert.equal(seen, [
    {
      modelName: "m",
      modelVersion: 1,
      path: files.at("m/1/model.graphdef"),
      instances: [
        { name: "m_0_0", kind: "KIND_CPU", device: 0 },
        { name: "m_0_1", kind: "KIND_CPU", device: 0 },
      ],
      coalesceRows: 4,
    },
  ]);
});

test("label files are read, and may not lie outside the model's directory", async ({ files }) => {
  const labelled = (file: string) => nameless.replace('name: "y"', `name: "y" label_filename: "${file}"`);
  addModel(files, "good", labelled("labels.txt"));
  files.add("good/labels.txt", "cat\ndog\r\n");
  addModel(files, "outside", labelled("../good/labels.txt"));
  addModel(files, "missing", labelled("labels.txt"));
  const { repository, failures } = await loaded(files.path);
  assert.equal(repository.model("good").labels("y"), ["cat", "dog"]);
  assert.is(
    failures.find(({ name }) => name === "outside")?.reason,
    "version 1 is at UNAVAILABLE state: Unsupported: label file path '../good/labels.txt' for output 'y' in model 'outside' is outside model directory;",
  );
  assert.match(
    failures.find(({ name }) => name === "missing")?.reason ?? "",
    /Not found: unable to read labels/,
  );
});

test("without auto-complete a configuration is demanded", async ({ files }) => {
  files.add("m/1/model.graphdef");
  const { failures } = await loaded(files.path, { autoComplete: false });
  assert.match(failures[0]?.reason ?? "", /^Not found: model 'm' has no config.pbtxt/);
});

test("directories that are ignored are told", async ({ files }) => {
  addModel(files, "m");
  files.add("m/old/");
  const { lines } = await loaded(files.path);
  assert.match(lines.join("\n"), /model 'm': directory 'old' ignored/);
});

test("a path that is not there is an error", async ({ files }) => {
  const repository = new Repository(files.at("none"), { engines: {} });
  const { code } = await rejection(repository.load());
  assert.is(code, Code.NOT_FOUND);
});

test("close frees every model, and load and close may be called again", async ({ files }) => {
  addModel(files, "m");
  const { repository, loader } = await loaded(files.path);
  assert.is(repository.load(), repository.load());
  assert.is(repository.close(), repository.close());
  await repository.close();
  assert.is(loader.engines.get("m/1")?.closed, true);
  assert.equal(repository.index(), [{ name: "m", version: "1", state: "UNAVAILABLE", reason: "unloaded" }]);
  assert.is(repository.allReady(), true);
});

test("instances are on the GPUs that models may use, by default only if their engine can", async ({
  files,
}) => {
  addModel(files, "m");
  const kinds = async (options: RepositoryOptions) => {
    const { repository } = await loaded(files.path, options);
    return repository.model("m").config.instanceGroup.map(({ kind, gpus }) => [kind, gpus]);
  };
  assert.equal(await kinds({ gpus: [0, 1] }), [["KIND_GPU", [0, 1]]]);
  assert.equal(await kinds({ gpus: [] }), [["KIND_CPU", []]]);
  const hidden = process.env.CUDA_VISIBLE_DEVICES;
  process.env.CUDA_VISIBLE_DEVICES = "";
  assert.equal(await kinds({}), [["KIND_CPU", []]]);
  if (hidden === undefined) delete process.env.CUDA_VISIBLE_DEVICES;
  else process.env.CUDA_VISIBLE_DEVICES = hidden;
});

test.run();
