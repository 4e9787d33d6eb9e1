import { join } from "node:path";
import type { BackendConfig } from "../config/backend-config.js";
import { Code, ServingError } from "../inference/serving-error.js";
import type { RateLimiter } from "../scheduler/rate-limiter.js";
import { defaultEngines } from "./default-engines.js";
import type { EngineLoaders } from "./engine-loader.js";
import { type Logger, processLogger } from "./logger.js";
import { listDirectory } from "./model-directory.js";
import { modelGpus } from "./model-gpus.js";
import { closing, type LifecycleSettings, ModelLifecycle } from "./model-lifecycle.js";
import { checkModelName } from "./model-name.js";
import { ParallelLimit } from "./parallel-limit.js";
import { SerialQueues } from "./serial-queues.js";
import type {
  ModelControlMode,
  ModelControlOptions,
  ModelRepository,
  RepositoryIndexEntry,
  ServedModel,
} from "./served-model.js";
import { startupModels } from "./startup-models.js";

export interface RepositoryOptions {
  /**
   * Load only these at the start; `["*"]`: all. Default: all, or none where clients load them (`modelControl`). The others are
   * known by name.
   */
  readonly models?: readonly string[] | undefined;
  /**
   * Whether clients of a server may load and unload models: `explicit`. A program always may. Default `none`.
   *
   * @see Triton "Model Control Modes"
   */
  readonly modelControl?: ModelControlMode;
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
 * Versions are swapped while requests are served: ask for the {@link Repository.model} anew for each request, and none
 * is refused.
 *
 * @see Triton "Model Repository"
 */
export class Repository implements ModelRepository {
  readonly modelControl: ModelControlMode;
  private readonly paths: readonly string[];
  private readonly options: RepositoryOptions;
  private readonly settings: LifecycleSettings;
  private readonly lifecycles = new Map<string, ModelLifecycle>();
  private readonly queues = new SerialQueues();
  private loading: Promise<readonly LoadFailure[]> | undefined;
  private closing: Promise<void> | undefined;

  /** @param paths one directory or several */
  constructor(paths: string | readonly string[], options: RepositoryOptions = {}) {
    this.paths = typeof paths === "string" ? [paths] : paths;
    this.options = options;
    this.modelControl = options.modelControl ?? "none";
    this.settings = {
      engines: options.engines ?? defaultEngines,
      logger: options.logger ?? processLogger,
      autoComplete: options.autoComplete ?? true,
      backendConfig: options.backendConfig ?? new Map(),
      gpus: modelGpus(options.gpus),
      rateLimiter: options.rateLimiter,
      configName: options.modelConfigName,
      retryCount: options.modelLoadRetryCount ?? 0,
      isClosing: () => this.closing !== undefined,
      loads: new ParallelLimit(options.modelLoadThreadCount ?? 4),
    };
  }

  /**
   * Loads the models. Later calls give the outcome of the first.
   *
   * @returns the models that failed
   * @throws {ServingError} NOT_FOUND if a repository directory cannot be read; INVALID_ARGUMENT if `*` is one of several models
   */
  load(): Promise<readonly LoadFailure[]> {
    this.loading ??= this.loadAll();
    return this.loading;
  }

  /**
   * Loads a model, or what is new or has changed of one that is loaded already, while the versions in service go on
   * serving. Once everything new is READY it takes their place; they answer what they were given and are freed, and then
   * the promise resolves. A model that has not changed stays as it is.
   *
   * Calls for one model are carried out one after the other.
   *
   * @throws {ServingError} INVALID_ARGUMENT for a name that cannot be a model's, or if the load fails: what served
   *   before serves on; INTERNAL if no repository directory has the model; UNAVAILABLE once the repository is closing
   * @see Triton "Model Repository Extension"
   */
  async loadModel(name: string, options: ModelControlOptions = {}): Promise<void> {
    checkModelName(name);
    if (this.closing !== undefined) throw closing();
    await this.control(name, options, async (served) => {
      const paths = (await this.findModels()).get(name) ?? [];
      if (paths.length === 0) throw new ServingError(Code.INTERNAL, notFound(name));
      await this.lifecycle(name).load(paths, served);
    });
  }

  /**
   * Takes all versions of a model out of service: from now on requests are refused; those under way are answered, then
   * the model is freed and the promise resolves. A model that is not known is no error.
   *
   * @throws {ServingError} INTERNAL if an engine cannot free it; where that is not waited for, only the log tells
   * @see Triton "Model Repository Extension"
   */
  unloadModel(name: string, options: ModelControlOptions = {}): Promise<void> {
    return this.control(name, options, async (stopped) => this.lifecycles.get(name)?.unload(stopped));
  }

  model(name: string, version?: number): ServedModel {
    const lifecycle = this.lifecycles.get(name);
    if (lifecycle !== undefined) return lifecycle.entry.model(version);
    throw new ServingError(Code.NOT_FOUND, `Request for unknown model: '${name}' is not found`);
  }

  models(): readonly ServedModel[] {
    return [...this.lifecycles.values()].flatMap(({ entry }) => entry.readyModels);
  }

  /**
   * Looks for models that have appeared since, and forgets those that are gone, as far as they were never loaded.
   *
   * @throws {ServingError} NOT_FOUND if a repository directory cannot be read
   */
  async scan(): Promise<void> {
    const places = await this.findModels();
    for (const [name, paths] of places) this.lifecycle(name).found(paths);
    for (const [name, { isUntried }] of this.lifecycles) {
      if (isUntried && !places.has(name)) this.lifecycles.delete(name);
    }
  }

  index(): readonly RepositoryIndexEntry[] {
    return [...this.lifecycles.values()].flatMap(({ entry }) => entry.index());
  }

  allReady(): boolean {
    return [...this.lifecycles.values()].every(({ isRequested, entry }) => !isRequested || entry.isReady);
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
    const chosen = startupModels(this.options.models, this.modelControl, [...places.keys()]);
    for (const [name, paths] of places) this.lifecycle(name).found(paths);
    for (const name of chosen) this.lifecycle(name).isRequested = true;
    await Promise.all(chosen.map((name) => this.loadAtStart(name, places.get(name) ?? [])));
    const failures: LoadFailure[] = [];
    for (const { isRequested, entry } of this.lifecycles.values()) {
      if (isRequested && entry.problem !== undefined) {
        failures.push({ name: entry.name, reason: entry.problem });
      }
    }
    return failures;
  }

  private async loadAtStart(name: string, paths: readonly string[]): Promise<void> {
    const lifecycle = this.lifecycle(name);
    if (paths.length === 0) lifecycle.entry.fail(notFound(name));
    // Why it failed is in the entry.
    else await this.queues.run(name, () => lifecycle.load(paths)).catch(() => {});
  }

  /** @param work calls its argument once requests find the model as it is to be */
  private control(
    name: string,
    { waitUntilFreed = true }: ModelControlOptions,
    work: (done: () => void) => Promise<void>,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      this.queues.run(name, () => work(waitUntilFreed ? () => {} : resolve)).then(resolve, reject);
    });
  }

  /** Model directories by name, in order of name. */
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
    return places;
  }

  private lifecycle(name: string): ModelLifecycle {
    let lifecycle = this.lifecycles.get(name);
    if (lifecycle === undefined) {
      lifecycle = new ModelLifecycle(name, this.settings);
      this.lifecycles.set(name, lifecycle);
    }
    return lifecycle;
  }

  private async closeAll(): Promise<void> {
    await this.loading?.catch(() => {});
    await this.queues.idle();
    const unloads = await Promise.allSettled(
      [...this.lifecycles.keys()].map((name) => this.unloadModel(name)),
    );
    for (const unload of unloads) if (unload.status === "rejected") throw unload.reason;
  }
}

function notFound(name: string): string {
  return `failed to load '${name}', failed to poll from model repository`;
}
