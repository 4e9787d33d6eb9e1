import { readFile, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { type DirectoryEntry, fillPlatform } from "../config/fill-platform.js";
import type { ModelConfig } from "../config/model-config.js";
import { emptyModelConfig, readModelConfig } from "../config/read-model-config.js";
import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";
import { artifactNames } from "./artifact-names.js";
import { isFile, readModelDirectory } from "./model-directory.js";
import { versionsToLoad } from "./version-policy.js";

/** A model's files, and its configuration as far as it can be had. */
export interface Found {
  readonly path: string;
  readonly config: ModelConfig;
  /** Why `config` is not what was written. */
  readonly problem?: string;
}

/**
 * Finds a model by the path of its directory, SavedModel or file.
 *
 * @throws {ServingError} NOT_FOUND, INVALID_ARGUMENT
 */
export async function findModel(path: string): Promise<Found> {
  const status = await stat(path).catch(() => undefined);
  if (status === undefined) {
    throw new ServingError(Code.NOT_FOUND, `unable to inspect '${path}': nothing is there`);
  }
  if (!status.isDirectory() && basename(path) === "saved_model.pb") return findModel(dirname(path));
  if (status.isDirectory()) {
    if (await isFile(join(path, "saved_model.pb"))) return bare(path, "model.savedmodel", true);
    return findInDirectory(path);
  }
  const usualName = artifactNames[extname(path)];
  if (usualName !== undefined) return bare(path, usualName, false);
  throw invalidArgument(
    `unable to inspect '${path}': expected a SavedModel directory, a model directory of a repository, or a file ` +
      `named ${Object.keys(artifactNames).join(", ")}`,
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
