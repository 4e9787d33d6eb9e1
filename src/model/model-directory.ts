import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { Code, ServingError } from "../inference/serving-error.js";

/** A model's directory in a repository, as it lies on disk. */
export interface ModelDirectory {
  /** The directory's name, which is the model's. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** Numbers of the version directories, ascending. */
  readonly versions: readonly number[];
  /** The configuration file to read; undefined if there is none. */
  readonly configPath: string | undefined;
  /** What lies in the lexicographically first sub-directory, by which the platform is guessed. */
  readonly firstEntries: readonly DirectoryEntry[];
  /** Sub-directories that were ignored, one sentence each. */
  readonly warnings: readonly string[];
}

export interface DirectoryEntry {
  readonly name: string;
  readonly isDirectory: boolean;
}

const reservedDirectories = new Set(["warmup", "initial_state", "configs"]);

/**
 * Looks into a model directory.
 *
 * @param configName a custom configuration `configs/NAME.pbtxt` to prefer where it exists; "": none
 * @throws {ServingError} NOT_FOUND if there is no such directory
 * @see Triton "Model Repository"
 */
export async function readModelDirectory(path: string, configName = ""): Promise<ModelDirectory> {
  const absolute = resolve(path);
  const name = basename(absolute);
  const directories = (await listDirectory(absolute)).filter((entry) => entry.isDirectory);
  const versions: number[] = [];
  const warnings: string[] = [];
  for (const { name: directory } of directories) {
    const ignored = (why: string) =>
      warnings.push(`model '${name}': directory '${directory}' ignored: ${why}`);
    if (reservedDirectories.has(directory)) continue;
    if (!/^\d+$/.test(directory)) ignored("its name is not a version number");
    else if (directory !== "0" && directory.startsWith("0")) ignored("its number has a leading zero");
    else versions.push(Number(directory));
  }
  const first = directories[0];
  return {
    name,
    path: absolute,
    versions: versions.sort((a, b) => a - b),
    configPath: await configPath(absolute, configName),
    firstEntries: first === undefined ? [] : await listDirectory(join(absolute, first.name)),
    warnings,
  };
}

/**
 * Sorted by name, byte by byte. Links are followed: what they point to counts.
 *
 * @throws {ServingError} NOT_FOUND
 */
export async function listDirectory(path: string): Promise<DirectoryEntry[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(path, { withFileTypes: true });
  } catch (error) {
    throw new ServingError(Code.NOT_FOUND, `unable to read directory '${path}': ${(error as Error).message}`);
  }
  const listed = entries.map(async (entry) => ({
    name: entry.name,
    isDirectory: entry.isSymbolicLink() ? await isDirectory(join(path, entry.name)) : entry.isDirectory(),
  }));
  return (await Promise.all(listed)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

export async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

export async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

async function configPath(directory: string, configName: string): Promise<string | undefined> {
  const custom = join(directory, "configs", `${configName}.pbtxt`);
  if (configName !== "" && (await isFile(custom))) return custom;
  const usual = join(directory, "config.pbtxt");
  return (await isFile(usual)) ? usual : undefined;
}
