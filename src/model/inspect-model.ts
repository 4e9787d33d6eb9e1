import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { autocomplete } from "../config/autocomplete.js";
import { type BackendConfig, backendSettings } from "../config/backend-config.js";
import { checkSupport } from "../config/check-support.js";
import { checkGraphDef, checkSavedModel } from "../config/check-tensorflow-model.js";
import { type DirectoryEntry, fillPlatform } from "../config/fill-platform.js";
import { type GraphContents, readGraphContents, readSavedModelContents } from "../config/graph-contents.js";
import { readGraphDefinition } from "../config/graph-definition.js";
import type { ModelConfig } from "../config/model-config.js";
import { normalise } from "../config/normalise.js";
import { engineBackend, frameworkBackend } from "../config/python-platform.js";
import { emptyModelConfig, readModelConfig } from "../config/read-model-config.js";
import {
  chooseSignature,
  type MetaGraph,
  readSavedModel,
  type Signature,
} from "../config/saved-model-signature.js";
import { tensorFlowBackendOptions } from "../config/tensorflow-options.js";
import { validate } from "../config/validate.js";
import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";
import { isFile, readModelDirectory } from "./model-directory.js";
import { modelGpus } from "./model-gpus.js";
import { versionsToLoad } from "./version-policy.js";

/** What a model's files say, without an engine. */
export interface ModelInspection {
  readonly kind: "SavedModel" | "GraphDef";
  /** Absolute: the SavedModel's directory or the GraphDef's file. */
  readonly path: string;
  /** One for each tag set of a SavedModel; one for a GraphDef. */
  readonly graphs: readonly InspectedGraph[];
  /** Bytes of the files that hold the variables' values; 0 for a GraphDef. */
  readonly variableFileSize: number;
  /** As written and completed from the model, before defaults are made explicit; undefined if that fails. */
  readonly config: ModelConfig | undefined;
  /** Why the model cannot be loaded with this configuration; undefined if nothing stands in the way. */
  readonly problem: string | undefined;
  readonly warnings: readonly string[];
}

export interface InspectedGraph extends GraphContents {
  /** Empty for a GraphDef. */
  readonly tags: readonly string[];
  /** Of the TensorFlow that saved it; "" if it does not say. */
  readonly tensorFlowVersion: string;
  /** By name, without those that only initialise. */
  readonly signatures: ReadonlyMap<string, Signature>;
  /** Operations that run once, before anything else. */
  readonly initOperations: readonly string[];
  /** Names of the files in `assets/` that it reads. */
  readonly assets: readonly string[];
}

export interface InspectOptions {
  readonly backendConfig?: BackendConfig | undefined;
  /** In place of the configuration's `TF_GRAPH_TAG`. */
  readonly tag?: string | undefined;
  /** In place of the configuration's `TF_SIGNATURE_DEF`. */
  readonly signature?: string | undefined;
}

/** A model's files, and its configuration as far as it can be had. */
interface Found {
  readonly path: string;
  readonly config: ModelConfig;
  /** Why `config` is not what was written. */
  readonly problem?: string;
}

/**
 * Reads what a TensorFlow model's files say: signatures, operations, weights, and the configuration that would be used.
 * Loads no engine.
 *
 * @param path a SavedModel directory, a model directory as in a Triton repository, or a frozen graph (`.pb`, `.graphdef`)
 * @throws {ServingError} NOT_FOUND if nothing is there; INVALID_ARGUMENT if it is none of these or damaged. A
 *   configuration that is wrong or cannot be completed is no error but the result's `problem`.
 */
export async function inspectModel(path: string, options: InspectOptions = {}): Promise<ModelInspection> {
  const found = withParameters(await findModel(resolve(path)), options);
  if (found.config.platform === "tensorflow_graphdef") return inspectGraphDef(found);
  if (found.config.platform === "tensorflow_savedmodel") return inspectSavedModel(found, options);
  throw invalidArgument(
    `unable to inspect '${path}': platform '${found.config.platform}', expected tensorflow_savedmodel or ` +
      "tensorflow_graphdef",
  );
}

async function findModel(path: string): Promise<Found> {
  const status = await stat(path).catch(() => undefined);
  if (status === undefined) {
    throw new ServingError(Code.NOT_FOUND, `unable to inspect '${path}': nothing is there`);
  }
  if (!status.isDirectory() && basename(path) === "saved_model.pb") return findModel(dirname(path));
  if (status.isDirectory()) {
    if (await isFile(join(path, "saved_model.pb"))) return bare(path, "model.savedmodel", true);
    return findInDirectory(path);
  }
  if ([".pb", ".graphdef"].includes(extname(path))) return bare(path, "model.graphdef", false);
  throw invalidArgument(
    `unable to inspect '${path}': expected a SavedModel directory, a model directory of a repository, or a frozen ` +
      "graph (.pb, .graphdef)",
  );
}

/** A model without a directory around it, and so without a configuration. */
function bare(path: string, usualName: string, isDirectory: boolean): Found {
  const name = basename(path, extname(path));
  return { path, config: fillPlatform(emptyModelConfig(), name, [{ name: usualName, isDirectory }]) };
}

async function findInDirectory(path: string): Promise<Found> {
  const { name, versions, configPath, firstEntries } = await readModelDirectory(path);
  if (configPath === undefined && versions.length === 0) {
    throw invalidArgument(
      `unable to inspect '${path}': expected a SavedModel directory, with saved_model.pb, or a model directory, with ` +
        "config.pbtxt or directories named by version numbers",
    );
  }
  const { config, problem } = await readConfig(name, configPath, firstEntries);
  const version = versionsToLoad(versions, config.versionPolicy).at(-1);
  if (version === undefined) {
    throw invalidArgument(
      `unable to inspect '${path}': its version policy allows none of versions ${versions.join(", ") || "(none)"}`,
    );
  }
  const artifact = join(path, String(version), config.defaultModelFilename);
  return { path: artifact, config, ...(problem === undefined ? {} : { problem }) };
}

/** What was written; where that is wrong, what the files alone say. */
async function readConfig(
  name: string,
  configPath: string | undefined,
  content: readonly DirectoryEntry[],
): Promise<{ config: ModelConfig; problem?: string }> {
  const empty = () => fillPlatform(emptyModelConfig(), name, content);
  if (configPath === undefined) return { config: empty() };
  try {
    const written = readModelConfig(await readFile(configPath, "utf8"), configPath);
    return { config: fillPlatform(written, name, content) };
  } catch (error) {
    return { config: empty(), problem: (error as Error).message };
  }
}

function withParameters(found: Found, { tag, signature }: InspectOptions): Found {
  const parameters = {
    ...found.config.parameters,
    ...(tag === undefined ? {} : { TF_GRAPH_TAG: { stringValue: tag } }),
    ...(signature === undefined ? {} : { TF_SIGNATURE_DEF: { stringValue: signature } }),
  };
  return { ...found, config: { ...found.config, parameters } };
}

async function inspectGraphDef({ path, config, problem }: Found): Promise<ModelInspection> {
  const bytes = await readModelFile(path, config);
  const graph = readGraphContents(bytes);
  const warnings: string[] = [];
  const isConfigured = config.input.length > 0 || config.output.length > 0;
  const judged = judge(problem, () => {
    if (!isConfigured) {
      throw invalidArgument(
        "a GraphDef does not say which of its nodes are inputs and outputs: the configuration has to",
      );
    }
    warnings.push(...checkSupport(config));
    checkValid(config);
    checkGraphDef(config, readGraphDefinition(bytes));
  });
  return {
    kind: "GraphDef",
    path,
    graphs: [
      { ...graph, tags: [], tensorFlowVersion: "", signatures: new Map(), initOperations: [], assets: [] },
    ],
    variableFileSize: 0,
    config: isConfigured ? config : undefined,
    problem: judged,
    warnings,
  };
}

async function inspectSavedModel(found: Found, { backendConfig }: InspectOptions): Promise<ModelInspection> {
  const { path, config, problem } = found;
  const bytes = await readModelFile(join(path, "saved_model.pb"), config);
  const metaGraphs = readSavedModel(bytes);
  const warnings: string[] = [];
  let completed: ModelConfig | undefined;
  const judged = judge(problem, () => {
    const chosen = chooseSignature(metaGraphs, config);
    const backend = tensorFlowBackendOptions(
      backendSettings(backendConfig ?? new Map(), engineBackend(config)),
    );
    const result = autocomplete(config, chosen.signature, backend.defaultMaxBatchSize);
    completed = result.config;
    warnings.push(...checkSupport(config), ...chosen.warnings, ...result.warnings);
    checkValid(completed);
    checkSavedModel(completed, chosen.signature);
  });
  return {
    kind: "SavedModel",
    path,
    graphs: inspectGraphs(bytes, metaGraphs),
    variableFileSize: await variableFileSize(path),
    config: completed,
    problem: judged,
    warnings,
  };
}

const initAndTrain = ["__saved_model_init_op", "__saved_model_train_op"];

function inspectGraphs(bytes: Uint8Array, metaGraphs: readonly MetaGraph[]): InspectedGraph[] {
  return readSavedModelContents(bytes).map(({ graph, ...more }, index) => {
    const all = [...(metaGraphs[index]?.signatures ?? [])];
    return { ...graph, ...more, signatures: new Map(all.filter(([name]) => !initAndTrain.includes(name))) };
  });
}

/** The first thing that stands in the way of loading the model. */
function judge(known: string | undefined, check: () => void): string | undefined {
  try {
    check();
    return known;
  } catch (error) {
    return known ?? (error as Error).message;
  }
}

function checkValid(config: ModelConfig): void {
  const gpus = modelGpus(undefined)(frameworkBackend(config));
  validate(normalise(config, gpus), gpus);
}

async function readModelFile(path: string, { name }: ModelConfig): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new ServingError(Code.NOT_FOUND, `unable to find '${path}' of model '${name}'`, { cause: error });
  }
}

async function variableFileSize(savedModel: string): Promise<number> {
  const folder = join(savedModel, "variables");
  const files = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    files
      .filter((name) => name.includes(".data-"))
      .map(async (name) => (await stat(join(folder, name))).size),
  );
  return sizes.reduce((total, size) => total + size, 0);
}
