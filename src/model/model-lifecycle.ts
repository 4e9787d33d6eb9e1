import { latestVersion } from "../config/normalise.js";
import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";
import { failureReason } from "./failure-reason.js";
import { type LoadSettings, loadModelVersion, type ModelSource, readModelSource } from "./load-model.js";
import { readModelDirectory } from "./model-directory.js";
import { ModelEntry, unavailable, unloaded } from "./model-entry.js";
import type { ModelVersion } from "./model-version.js";
import type { ParallelLimit } from "./parallel-limit.js";
import { versionFingerprint } from "./version-fingerprint.js";

/** How a repository has its models loaded. */
export interface LifecycleSettings extends LoadSettings {
  /** Prefer `configs/NAME.pbtxt` where a model has it. */
  readonly configName: string | undefined;
  /** How often a load that failed is tried again. */
  readonly retryCount: number;
  /** How many models are loaded at the same time. */
  readonly loads: ParallelLimit;
  /** Nothing is begun any more once this is true. */
  readonly isClosing: () => boolean;
}

/** What came of an attempt to load. */
interface LoadOutcome {
  /** What failed, a sentence each. */
  readonly failures: readonly string[];
  /** What is not needed any more: on success what was replaced, else what was loaded in vain. */
  readonly superfluous: readonly ModelVersion[];
}

/**
 * Takes the versions of one model in and out of service. What is loaded is loaded beside what serves; versions change
 * places in one turn of the event loop, so that there is one for every request at any time.
 *
 * `load` and `unload` are called one after the other, never at the same time.
 *
 * @see Triton "Model Management"
 */
export class ModelLifecycle {
  readonly entry: ModelEntry;
  /** Whether the model was asked for and not unloaded since: then it has a say in the server's readiness. */
  isRequested = false;
  private readonly settings: LifecycleSettings;
  private readonly fingerprints = new WeakMap<ModelVersion, string>();

  constructor(name: string, settings: LifecycleSettings) {
    this.entry = new ModelEntry(name);
    this.settings = settings;
  }

  /** Whether nothing was ever asked for, or all of it has been forgiven and nothing was ever loaded. */
  get isUntried(): boolean {
    return !this.isRequested && this.entry.isEmpty;
  }

  /** Tells of the directories that the model has now, for the index. */
  found(paths: readonly string[]): void {
    if (this.isUntried) this.entry.fail(paths.length > 1 ? severalPlaces : undefined);
  }

  /**
   * Serves what the model's directory holds now: loads the versions that are new or have changed, then frees those that
   * they replace or the version policy no longer wants, once these have answered what they were given.
   *
   * @param paths of the model's directory, which is to be one
   * @param served called once requests are given the new versions, before the old ones are freed
   * @throws {ServingError} INVALID_ARGUMENT if any version fails; what served before serves on, and nothing else
   */
  async load(paths: readonly string[], served: () => void = () => {}): Promise<void> {
    const { name } = this.entry;
    const { logger, loads, retryCount, isClosing } = this.settings;
    this.isRequested = true;
    for (let left = retryCount; ; left--) {
      logger.info(`loading model '${name}'`);
      const { failures, superfluous } = await loads.run(() => this.tryLoad(paths));
      if (failures.length === 0) {
        logger.info(`successfully loaded '${name}'`);
        served();
      }
      await this.retire(superfluous);
      if (failures.length === 0) return;
      logger.error(`failed to load model '${name}': ${failures.join(" ")}`);
      if (left <= 0 || isClosing()) throw loadFailed(name, failures);
    }
  }

  /**
   * Takes every version out of service, and frees it once it has answered what it was given.
   *
   * @param stopped called once no request is given to the model any more
   * @throws {ServingError} INTERNAL if a version cannot be freed; the others are
   */
  async unload(stopped: () => void = () => {}): Promise<void> {
    const { entry } = this;
    this.isRequested = false;
    entry.forgive([]);
    const models = entry.readyModels;
    for (const { version } of models) entry.set(version, "UNLOADING");
    stopped();
    const left = await this.retire(models);
    if (left.length === 0) return;
    throw new ServingError(
      Code.INTERNAL,
      `failed to unload '${entry.name}', versions that are still available: ${left.join(",")}`,
    );
  }

  private async tryLoad(paths: readonly string[]): Promise<LoadOutcome> {
    try {
      this.refuseIfClosing();
      if (paths.length > 1) return this.failed(severalPlaces);
      const directory = await readModelDirectory(paths[0] as string, this.settings.configName);
      return await this.loadVersions(await readModelSource(directory, this.settings));
    } catch (error) {
      return this.failed(failureReason(error));
    }
  }

  /** No version is to blame. What serves is not harmed: a configuration may have become wrong since. */
  private failed(reason: string): LoadOutcome {
    if (this.entry.readyModels.length === 0) this.entry.fail(reason);
    return { failures: [`${reason};`], superfluous: [] };
  }

  private async loadVersions(source: ModelSource): Promise<LoadOutcome> {
    const { entry } = this;
    const kept: ModelVersion[] = [];
    const loaded: ModelVersion[] = [];
    const failures: string[] = [];
    entry.forgive(source.versions);
    for (const version of source.versions) {
      if (entry.readyModel(version) === undefined) entry.set(version, "LOADING");
    }
    for (const version of source.versions) {
      const serving = entry.readyModel(version);
      // Taken before the files are read: what changes while they are is a change the next time.
      const fingerprint = await versionFingerprint(source.directory, source.config, version);
      if (serving !== undefined && this.fingerprints.get(serving) === fingerprint) {
        kept.push(serving);
        continue;
      }
      try {
        this.refuseIfClosing();
        const model = await loadModelVersion(source, version, this.settings, () => entry.readyVersions);
        this.fingerprints.set(model, fingerprint);
        loaded.push(model);
      } catch (error) {
        const reason = failureReason(error);
        if (serving === undefined) entry.set(version, "UNAVAILABLE", reason);
        failures.push(unavailable(version, reason));
      }
    }
    if (failures.length > 0) return { failures, superfluous: this.discarded(loaded) };
    for (const model of kept) model.setVersionPolicy(source.config.versionPolicy ?? latestVersion());
    return { failures, superfluous: this.swapped(kept, loaded) };
  }

  /** Between the two, no request is looked up: there is a READY version for each. */
  private swapped(kept: readonly ModelVersion[], loaded: readonly ModelVersion[]): readonly ModelVersion[] {
    const { entry } = this;
    const replaced = entry.readyModels.filter((model) => !kept.includes(model));
    for (const model of loaded) {
      entry.set(model.version, "READY", "", model);
      model.onUnavailable = (reason) => this.lose(model, reason);
    }
    for (const model of replaced) {
      if (entry.readyModel(model.version) === model) entry.set(model.version, "UNLOADING");
    }
    return replaced;
  }

  /** A version that serves can do so no more. */
  private lose(model: ModelVersion, reason: string): void {
    if (this.entry.readyModel(model.version) !== model) return;
    this.entry.set(model.version, "UNAVAILABLE", reason);
    // Requests that wait for it are being answered with the reason.
    void this.free(model);
  }

  private discarded(loaded: readonly ModelVersion[]): readonly ModelVersion[] {
    for (const { version } of loaded) {
      if (this.entry.readyModel(version) === undefined) this.entry.set(version, "UNLOADING");
    }
    return loaded;
  }

  /**
   * Frees versions that no request is given any more, when they have answered the earlier ones.
   *
   * @returns the numbers of those that could not be freed
   */
  private async retire(models: readonly ModelVersion[]): Promise<number[]> {
    const { entry } = this;
    const left: number[] = [];
    const retired = models.map(async (model) => {
      const reason = await this.free(model);
      if (reason !== unloaded) left.push(model.version);
      // Another one may have its number by now.
      if (entry.readyModel(model.version) === undefined) entry.set(model.version, "UNAVAILABLE", reason);
    });
    await Promise.all(retired);
    return left;
  }

  /** @returns why the version is not available from now on */
  private async free(model: ModelVersion): Promise<string> {
    const { logger } = this.settings;
    try {
      await model.close();
      logger.info(`successfully unloaded '${model.name}' version ${model.version}`);
      return unloaded;
    } catch (error) {
      const reason = failureReason(error);
      logger.error(`failed to unload '${model.name}' version ${model.version}: ${reason}`);
      return reason;
    }
  }

  private refuseIfClosing(): void {
    if (this.settings.isClosing()) throw closing();
  }
}

const severalPlaces = "model appears in two or more repositories";

export function closing(): ServingError {
  return new ServingError(Code.UNAVAILABLE, "the repository is closing and loads no more models");
}

function loadFailed(name: string, failures: readonly string[]): ServingError {
  return invalidArgument(
    `load failed for model '${name}': ${failures.map((failure) => `${failure}\n`).join("")}`,
  );
}
