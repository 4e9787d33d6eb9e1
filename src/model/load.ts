import { stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import type { BackendConfig } from "../config/backend-config.js";
import { fillPlatform } from "../config/fill-platform.js";
import type { ModelConfig } from "../config/model-config.js";
import { emptyModelConfig, readModelConfig, readModelConfigJson } from "../config/read-model-config.js";
import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";
import type { RateLimiter } from "../scheduler/rate-limiter.js";
import { artifactNames } from "./artifact-names.js";
import { defaultEngines } from "./default-engines.js";
import { Model } from "./embedded-model.js";
import type { EngineLoaders } from "./engine-loader.js";
import {
  type LoadSettings,
  loadModelVersion,
  type ModelSource,
  readModelSource,
  runnableConfig,
} from "./load-model.js";
import { type Logger, processLogger } from "./logger.js";
import { isFile, readModelDirectory } from "./model-directory.js";
import { modelGpus } from "./model-gpus.js";
import type { ModelVersion } from "./model-version.js";

export interface LoadModelOptions {
  /**
   * The model's configuration, in place of a `config.pbtxt`: its text, or an object of the same fields in snake_case
   * (`{ max_batch_size: 8, input: [{ name: "x", data_type: "TYPE_FP32", dims: [4] }], … }`). A `.pt`, `.pt2` or `.pb`
   * file needs one, for it does not say what it takes; a SavedModel completes what is left out.
   */
  readonly config?: string | object;
  /** Default: the configuration's, else the name of the file or directory. */
  readonly name?: string;
  /** Complete the configuration from the model. Default true. */
  readonly autoComplete?: boolean;
  /** Default: warnings go to `process.emitWarning`, the rest nowhere. */
  readonly logger?: Logger;
  readonly backendConfig?: BackendConfig;
  /** GPUs that models may use, by device id. Default: those of this machine, for engines built with CUDA. */
  readonly gpus?: readonly number[];
  /**
   * Lets instances run as their `rate_limiter` settings say; models given the same limiter share its resources.
   * Default: they run whenever they have a batch.
   */
  readonly rateLimiter?: RateLimiter | undefined;
  /** Default: TensorFlow and PyTorch, each loaded with its first model. */
  readonly engines?: EngineLoaders;
}

/**
 * Loads a model into this process.
 *
 * @param path a model directory as in a Triton repository, a SavedModel directory, a TorchScript file (`.pt`, `.pth`), an
 *   AOTInductor package (`.pt2`), or a frozen graph (`.pb`, `.graphdef`)
 * @throws {ServingError} NOT_FOUND if nothing is there; INVALID_ARGUMENT if it is none of these, if the configuration
 *   is wrong or disagrees with the model; UNAVAILABLE if the engine is not installed; or what the engine reports
 */
export async function load(path: string, options: LoadModelOptions = {}): Promise<Model> {
  const settings: LoadSettings = {
    engines: options.engines ?? defaultEngines,
    logger: options.logger ?? processLogger,
    autoComplete: options.autoComplete ?? true,
    backendConfig: options.backendConfig ?? new Map(),
    gpus: modelGpus(options.gpus),
    rateLimiter: options.rateLimiter,
  };
  const source = await findSource(resolve(path), options, settings);
  const loaded: ModelVersion[] = [];
  const ready = () => loaded.map((model) => model.version);
  try {
    for (const version of source.versions) {
      loaded.push(await loadModelVersion(source, version, settings, ready));
    }
  } catch (error) {
    await Promise.all(loaded.map((model) => model.close()));
    throw ServingError.from(error);
  }
  return new Model(loaded);
}

async function findSource(
  path: string,
  options: LoadModelOptions,
  settings: LoadSettings,
): Promise<ModelSource> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    throw new ServingError(Code.NOT_FOUND, `unable to load a model from '${path}': nothing is there`);
  }
  const usualName = found.isDirectory() ? await savedModelName(path) : artifactNames[extname(path)];
  if (usualName !== undefined) return bareSource(path, usualName, options, settings);
  if (found.isDirectory()) return directorySource(path, options, settings);
  throw invalidArgument(
    `unable to load a model from '${path}': expected a model directory, a SavedModel directory, or a file named ` +
      `${Object.keys(artifactNames).join(", ")}`,
  );
}

async function savedModelName(path: string): Promise<string | undefined> {
  return (await isFile(join(path, "saved_model.pb"))) ? "model.savedmodel" : undefined;
}

async function directorySource(
  path: string,
  options: LoadModelOptions,
  settings: LoadSettings,
): Promise<ModelSource> {
  const directory = await readModelDirectory(path);
  if (directory.configPath === undefined && directory.versions.length === 0) {
    throw invalidArgument(
      `unable to load a model from '${path}': expected a model directory, with config.pbtxt or directories named ` +
        "by version numbers, or a SavedModel directory, with saved_model.pb",
    );
  }
  return readModelSource(
    { ...directory, name: options.name ?? directory.name },
    settings,
    givenConfig(options),
  );
}

/** A model without a directory around it: version 1 of a model that has only this one. */
function bareSource(
  path: string,
  usualName: string,
  options: LoadModelOptions,
  settings: LoadSettings,
): ModelSource {
  const isSavedModel = usualName === "model.savedmodel";
  const given = givenConfig(options);
  if (given === undefined && !isSavedModel) {
    throw invalidArgument(
      `unable to load '${path}': the file does not say what the model takes and gives, pass { config } with input ` +
        "and output (name, data_type, dims)",
    );
  }
  const written = given ?? emptyModelConfig();
  const name = options.name ?? (written.name || basename(path, extname(path)));
  const content = [{ name: usualName, isDirectory: isSavedModel }];
  const config = runnableConfig(fillPlatform({ ...written, name }, name, content), settings);
  return { name, directory: dirname(path), config, versions: [1], artifact: async () => path };
}

function givenConfig({ config }: LoadModelOptions): ModelConfig | undefined {
  if (config === undefined) return undefined;
  if (typeof config === "string") return readModelConfig(config, "the config given");
  return readModelConfigJson(JSON.stringify(config));
}
