import { utimesSync } from "node:fs";
import { Code, ServingError } from "../../src/inference/serving-error.js";
import type { EngineLoader } from "../../src/model/engine-loader.js";
import { Repository, type RepositoryOptions } from "../../src/model/repository.js";
import { type FakeEngine, type FakeEngineOptions, fakeLoader } from "../support/fake-engine.js";
import { doubleConfig } from "../support/model-config.js";
import type { ModelFiles } from "../support/model-files.js";
import { fp32, request } from "./make-model.js";

export const nameless = doubleConfig.replace('name: "double"', "");
export const allVersions = `${nameless} version_policy { all { } }`;

export function addModel(
  files: ModelFiles,
  name: string,
  config = nameless,
  versions: readonly number[] = [1],
) {
  files.add(`${name}/config.pbtxt`, config);
  for (const version of versions) files.add(`${name}/${version}/model.graphdef`);
}

/** Files are told apart by time; a test writes faster than some clocks tick. */
export function change(files: ModelFiles, path: string) {
  files.add(path, "changed");
  utimesSync(files.at(path), 1, Math.random() * 1e9);
}

/** A repository over fake engines whose loading can be made to fail and to wait. */
export async function started(
  files: ModelFiles,
  options: RepositoryOptions = {},
  engineOptions: FakeEngineOptions = {},
  otherPaths: readonly string[] = [],
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
  const repository = new Repository([files.path, ...otherPaths], {
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
export function pausedLoads(control: { wait: (load: string) => Promise<void> }) {
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

export const infer = (repository: Repository, name = "m", version?: number) =>
  repository.model(name, version).infer(request([fp32("x", [1, 2], [3, 4])]));
