import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { autocomplete } from "../config/autocomplete.js";
import { type BackendConfig, backendSettings } from "../config/backend-config.js";
import { checkSupport } from "../config/check-support.js";
import { checkGraphDef, checkSavedModel } from "../config/check-tensorflow-model.js";
import { type GraphContents, readGraphContents, readSavedModelContents } from "../config/graph-contents.js";
import { readGraphDefinition } from "../config/graph-definition.js";
import type { ModelConfig } from "../config/model-config.js";
import { engineBackend } from "../config/python-platform.js";
import {
  chooseSignature,
  type MetaGraph,
  readSavedModel,
  type Signature,
} from "../config/saved-model-signature.js";
import { tensorFlowBackendOptions } from "../config/tensorflow-options.js";
import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";
import type { Found } from "./find-inspected.js";
import { checkValid, judge } from "./judge-config.js";

/** What a TensorFlow model's files say, without an engine. */
export interface TensorFlowInspection {
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

/** @throws {ServingError} NOT_FOUND, INVALID_ARGUMENT */
export async function inspectGraphDef({ path, config, problem }: Found): Promise<TensorFlowInspection> {
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

/** @throws {ServingError} NOT_FOUND, INVALID_ARGUMENT */
export async function inspectSavedModel(
  found: Found,
  backendConfig: BackendConfig | undefined,
): Promise<TensorFlowInspection> {
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
