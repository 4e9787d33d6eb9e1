import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { autocomplete } from "../config/autocomplete.js";
import { type BackendConfig, backendSettings } from "../config/backend-config.js";
import { checkSupport } from "../config/check-support.js";
import { fillPlatform } from "../config/fill-platform.js";
import type { ModelConfig } from "../config/model-config.js";
import { normalise } from "../config/normalise.js";
import { engineBackend, frameworkBackend } from "../config/python-platform.js";
import { emptyModelConfig, readModelConfig } from "../config/read-model-config.js";
import type { ChosenSignature } from "../config/saved-model-signature.js";
import { tensorFlowBackendOptions } from "../config/tensorflow-options.js";
import { validate } from "../config/validate.js";
import type { EngineLogger } from "../engine/engine-load-request.js";
import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";
import { coalesceRows } from "../scheduler/choose-scheduler.js";
import type { RateLimiter } from "../scheduler/rate-limiter.js";
import { describePlan } from "./describe-plan.js";
import type { EngineLoader, EngineLoaders } from "./engine-loader.js";
import { findArtifact } from "./find-artifact.js";
import { instanceOptions } from "./instance-options.js";
import { readLabels } from "./labels.js";
import type { Logger } from "./logger.js";
import type { ModelDirectory } from "./model-directory.js";
import type { ModelGpus } from "./model-gpus.js";
import { ModelVersion } from "./model-version.js";
import { readChosenSignature } from "./read-saved-model.js";
import { missingVersions, versionsToLoad } from "./version-policy.js";
import { warmUp } from "./warm-up.js";

/** How models are loaded; the same for all models of a repository. */
export interface LoadSettings {
  readonly engines: EngineLoaders;
  readonly logger: Logger;
  /** false: a configuration must be complete as it is (`--disable-auto-complete-config`). */
  readonly autoComplete: boolean;
  readonly backendConfig: BackendConfig;
  readonly gpus: ModelGpus;
  /** undefined: instances run whenever they have a batch. */
  readonly rateLimiter: RateLimiter | undefined;
}

/** A model whose configuration has been read, and where its versions lie. */
export interface ModelSource {
  readonly name: string;
  /** Label files lie in it. */
  readonly directory: string;
  /** As written, with name, platform and backend filled in. */
  readonly config: ModelConfig;
  /** Those to load, ascending, at least one. */
  readonly versions: readonly number[];
  /** The file or directory of a version that its engine loads. Throws UNAVAILABLE if it is not there. */
  artifact(version: number): Promise<string>;
}

/**
 * Reads the configuration of a model directory and chooses the versions to load.
 *
 * @param given a configuration that replaces the directory's
 * @throws {ServingError} if the configuration is missing in strict mode, wrong, asks for what is not supported, or
 *   leaves no version to load
 * @see Triton "Model Repository", "Model Configuration"
 */
export async function readModelSource(
  directory: ModelDirectory,
  settings: LoadSettings,
  given?: ModelConfig,
): Promise<ModelSource> {
  const { name, path, versions: available } = directory;
  const { logger } = settings;
  for (const warning of directory.warnings) logger.warn(warning);
  const written = given ?? (await readConfig(directory, settings));
  const config = runnableConfig(fillPlatform(written, name, directory.firstEntries), settings);
  for (const version of missingVersions(available, config.versionPolicy)) {
    logger.warn(`model '${name}': version ${version} of its version policy is not available`);
  }
  const versions = versionsToLoad(available, config.versionPolicy);
  if (versions.length === 0) {
    throw invalidArgument(
      `at least one version must be available under the version policy of model '${name}'`,
    );
  }
  const artifact = (version: number) => findArtifact(config, join(path, String(version)));
  return { name, directory: path, config, versions, artifact };
}

/**
 * The configuration as it is, once it is sure that an engine is there and that nothing in it is beyond Tandem.
 *
 * @throws {ServingError} INVALID_ARGUMENT for an unknown backend, UNIMPLEMENTED for what is not supported
 */
export function runnableConfig(config: ModelConfig, { engines, logger }: LoadSettings): ModelConfig {
  engineLoader(config, engines);
  for (const warning of checkSupport(config)) logger.warn(warning);
  return config;
}

/**
 * Loads one version of a model: completes its configuration from the model, checks it, has the engine load it, and
 * warms it up.
 *
 * @param readyVersions of the model, whenever it is asked
 * @throws {ServingError}
 */
export async function loadModelVersion(
  source: ModelSource,
  version: number,
  settings: LoadSettings,
  readyVersions: () => readonly number[],
): Promise<ModelVersion> {
  const started = performance.now();
  const { name, directory } = source;
  const { logger, rateLimiter } = settings;
  const loadEngine = engineLoader(source.config, settings.engines);
  const path = await source.artifact(version);
  const savedModel = await readChosenSignature(source.config, path, settings);
  const completed = settings.autoComplete
    ? autocompleted(source.config, savedModel, settings)
    : source.config;
  const gpus = settings.gpus(frameworkBackend(completed));
  const config = normalise(completed, gpus);
  validate(config, gpus);
  const labels = await readLabels(directory, config);
  const engine = await loadEngine({
    modelName: name,
    modelVersion: version,
    path,
    directory,
    config,
    savedModel,
    graphHash: savedModel?.graphHash,
    settings: backendSettings(settings.backendConfig, engineBackend(config)),
    instances: instanceOptions(config),
    coalesceRows: coalesceRows(config, rateLimiter !== undefined),
    warn: (message) => logger.warn(message),
    logger: modelLogger(logger, name, version),
  });
  for (const plan of engine.plans ?? []) settings.logger.info(describePlan(name, version, plan));
  try {
    await warmUp(engine, config, directory, logger);
    const model = new ModelVersion({ version, config, engine, labels, readyVersions, rateLimiter });
    for (const line of rateLimiter?.describe() ?? []) logger.debug?.(line);
    model.statistics.loadSeconds = (performance.now() - started) / 1000;
    return model;
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** Says whose message it is. */
function modelLogger(logger: Logger, name: string, version: number): EngineLogger {
  const titled = (message: string) => `model '${name}' version ${version}: ${message}`;
  return {
    debug: (message) => logger.debug?.(titled(message)),
    info: (message) => logger.info(titled(message)),
    warn: (message) => logger.warn(titled(message)),
    error: (message) => logger.error(titled(message)),
  };
}

async function readConfig(
  { name, configPath }: ModelDirectory,
  { autoComplete }: LoadSettings,
): Promise<ModelConfig> {
  if (configPath !== undefined) return readModelConfig(await readFile(configPath, "utf8"), configPath);
  if (autoComplete) return emptyModelConfig();
  throw new ServingError(
    Code.NOT_FOUND,
    `model '${name}' has no config.pbtxt, which is demanded where auto-complete is disabled`,
  );
}

function engineLoader(config: ModelConfig, engines: EngineLoaders): EngineLoader {
  const backend = engineBackend(config);
  const loader = Object.hasOwn(engines, backend) ? engines[backend] : undefined;
  if (loader !== undefined) return loader;
  throw invalidArgument(
    `unable to find backend library for backend '${backend}', try specifying runtime on the model configuration.`,
  );
}

/** Only a SavedModel says what it takes and gives. */
function autocompleted(
  config: ModelConfig,
  savedModel: ChosenSignature | undefined,
  { backendConfig, logger }: LoadSettings,
): ModelConfig {
  if (config.backend === "pytorch") {
    logger.info(
      `skipping model configuration auto-complete for '${config.name}': not supported for pytorch backend`,
    );
  }
  if (savedModel === undefined) return config;
  const { defaultMaxBatchSize } = tensorFlowBackendOptions(
    backendSettings(backendConfig, engineBackend(config)),
  );
  const completed = autocomplete(config, savedModel.signature, defaultMaxBatchSize);
  for (const warning of completed.warnings) logger.warn(warning);
  return completed.config;
}
