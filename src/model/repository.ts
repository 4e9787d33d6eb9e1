import { join } from "node:path";
import type { BackendConfig } from "../config/backend-config.js";
import { Code, ServingError } from "../inference/serving-error.js";
import type { RateLimiter } from "../scheduler/rate-limiter.js";
import { boundedParallel } from "./bounded-parallel.js";
import { defaultEngines } from "./default-engines.js";
import type { EngineLoaders } from "./engine-loader.js";
import { failureReason } from "./failure-reason.js";
import { type LoadSettings, loadModelVersion, type ModelSource, readModelSource } from "./load-model.js";
import { type Logger, processLogger } from "./logger.js";
import { listDirectory, readModelDirectory } from "./model-directory.js";
import { ModelEntry, unloaded } from "./model-entry.js";
import { modelGpus } from "./model-gpus.js";
import type { ModelVersion } from "./model-version.js";
import type { ModelRepository, RepositoryIndexEntry, ServedModel } from "./served-model.js";

export interface RepositoryOptions {
  /** Load only these; default: all. The others are known by name. */
  readonly models?: readonly string[] | undefined;
  /** Default: warnings go to `process.emitWarning`, the rest nowhere; {@link Repository.load} returns the failures. */
  readonly logger?: Logger;
  /** Models loaded at the same time, at least 1. Default 4. */
  readonly modelLoadThreadCount?: number;
  /** How often a load that failed is tried again. Default 0. */
  readonly modelLoadRetryCount?: number;
  /** Prefer `configs/NAME.pbtxt` where a model has it. */
  readonly modelConfigName?: string;
  /** Complete configurations from the models themselves. Default true. */
  readonly autoComplete?: boolean;
  /** See `parseBackendConfig`. */
  readonly backendConfig?: BackendConfig;
  /** GPUs that models may use, by device id. Default: those of this machine, for engines built with CUDA. */
  readonly gpus?: readonly number[];
  /** Lets instances run as their `rate_limiter` settings say. Default: they run whenever they have a batch. */
  readonly rateLimiter?: RateLimiter | undefined;
  /** Default: TensorFlow and PyTorch, each loaded with its first model. */
  readonly engines?: EngineLoaders;
}

/** A model that could not be loaded, and why. */
export interface LoadFailure {
  readonly name: string;
  readonly reason: string;
}

/**
 * The models of one or more repository directories, each directory in them a model. A model that cannot be loaded does
 * not harm the others: the index tells what is wrong with it.
 *
 * @see Triton "Model Repository"
 */
export class Repository implements ModelRepository {
  private readonly paths: readonly string[];
  private readonly options: RepositoryOptions;
  private readonly settings: LoadSettings;
  private readonly entries = new Map<string, ModelEntry>();
  private loading: Promise<readonly LoadFailure[]> | undefined;
  private closing: Promise<void> | undefined;

  /** @param paths one directory or several */
  constructor(paths: string | readonly string[], options: RepositoryOptions = {}) {
    this.paths = typeof paths === "string" ? [paths] : paths;
    this.options = options;
    this.settings = {
      engines: options.engines ?? defaultEngines,
      logger: options.logger ?? processLogger,
      autoComplete: options.autoComplete ?? true,
      backendConfig: options.backendConfig ?? new Map(),
      gpus: modelGpus(options.gpus),
      rateLimiter: options.rateLimiter,
    };
  }

  /**
   * Loads the models. Later calls give the outcome of the first.
   *
   * @returns the models that failed
   * @throws {ServingError} NOT_FOUND if a repository directory cannot be read
   */
  load(): Promise<readonly LoadFailure[]> {
    this.loading ??= this.loadAll();
    return this.loading;
  }

  model(name: string, version?: number): ServedModel {
    const entry = this.entries.get(name);
    if (entry !== undefined) return entry.model(version);
    throw new ServingError(Code.NOT_FOUND, `Request for unknown model: '${name}' is not found`);
  }

  models(): readonly ServedModel[] {
    return [...this.entries.values()].flatMap((entry) => entry.readyModels);
  }

  index(): readonly RepositoryIndexEntry[] {
    return [...this.entries.values()].flatMap((entry) => entry.index());
  }

  allReady(): boolean {
    return [...this.entries.values()]
      .filter((entry) => this.isChosen(entry.name))
      .every((entry) => entry.isReady);
  }

  /** Refuses new requests, answers those under way, then frees all models. Idempotent. */
  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async loadAll(): Promise<readonly LoadFailure[]> {
    const places = await this.findModels();
    const chosen = [...places].filter(([name]) => this.isChosen(name));
    await boundedParallel(chosen, this.options.modelLoadThreadCount ?? 4, async ([name, paths]) => {
      const entry = this.entries.get(name) as ModelEntry;
      if (paths.length > 1) entry.fail("model appears in two or more repositories");
      else await this.loadWithRetries(entry, paths[0] as string);
    });
    const failures: LoadFailure[] = [];
    for (const { name, problem } of this.entries.values()) {
      if (problem !== undefined) failures.push({ name, reason: problem });
    }
    return failures;
  }

  /** Model directories by name, in order of name. Makes an entry for each, and for those asked for in vain. */
  private async findModels(): Promise<Map<string, string[]>> {
    const found: { name: string; path: string }[] = [];
    for (const repository of this.paths) {
      for (const { name, isDirectory } of await listDirectory(repository)) {
        if (isDirectory) found.push({ name, path: join(repository, name) });
      }
    }
    const places = new Map<string, string[]>();
    for (const { name, path } of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      places.set(name, [...(places.get(name) ?? []), path]);
    }
    for (const name of places.keys()) this.entries.set(name, new ModelEntry(name));
    for (const name of this.options.models ?? []) {
      if (places.has(name)) continue;
      const entry = new ModelEntry(name);
      entry.fail(`failed to load '${name}', failed to poll from model repository`);
      this.entries.set(name, entry);
    }
    return places;
  }

  private isChosen(name: string): boolean {
    return this.options.models === undefined || this.options.models.includes(name);
  }

  private async loadWithRetries(entry: ModelEntry, path: string): Promise<void> {
    const { logger } = this.settings;
    for (let left = this.options.modelLoadRetryCount ?? 0; ; left--) {
      logger.info(`loading model '${entry.name}'`);
      await this.loadModel(entry, path);
      if (entry.problem === undefined) return;
      logger.error(`failed to load model '${entry.name}': ${entry.problem}`);
      if (left <= 0) return;
    }
  }

  private async loadModel(entry: ModelEntry, path: string): Promise<void> {
    entry.fail(undefined);
    try {
      const directory = await readModelDirectory(path, this.options.modelConfigName);
      await this.loadVersions(entry, await readModelSource(directory, this.settings));
    } catch (error) {
      entry.fail(failureReason(error));
    }
  }

  /** All versions or none: where one fails, those that have been loaded are freed again. */
  private async loadVersions(entry: ModelEntry, source: ModelSource): Promise<void> {
    const loaded: ModelVersion[] = [];
    let failed = false;
    for (const version of source.versions) entry.set(version, "LOADING");
    for (const version of source.versions) {
      try {
        const ready = () => entry.readyModels.map((model) => model.version);
        loaded.push(await loadModelVersion(source, version, this.settings, ready));
      } catch (error) {
        failed = true;
        entry.set(version, "UNAVAILABLE", failureReason(error));
      }
    }
    for (const model of loaded) {
      if (failed) await unload(entry, model);
      else entry.set(model.version, "READY", "", model);
    }
    if (!failed) this.settings.logger.info(`successfully loaded '${entry.name}'`);
  }

  private async closeAll(): Promise<void> {
    await this.loading?.catch(() => {});
    const models = [...this.entries.values()].flatMap((entry) =>
      entry.readyModels.map((model) => unload(entry, model)),
    );
    await Promise.all(models);
  }
}

async function unload(entry: ModelEntry, model: ModelVersion): Promise<void> {
  entry.set(model.version, "UNLOADING");
  await model.close();
  entry.set(model.version, "UNAVAILABLE", unloaded);
}
