import { join } from "node:path";
import type { ModelConfig } from "../config/model-config.js";
import { type PythonPlatform, pythonPlatform } from "../config/python-platform.js";
import { Code, ServingError } from "../inference/serving-error.js";
import { isDirectory, isFile } from "./model-directory.js";

/**
 * The file or directory of a version that its engine loads: the configuration's `default_model_filename`, of a PyTorch model in
 * Python else `model.py`, else `model.pt`.
 *
 * @param directory the version's; absolute
 * @throws {ServingError} UNAVAILABLE if it is not there
 * @see Triton "Model Files"; PyTorch backend, "PyTorch 2.0 Models"
 */
export async function findArtifact(config: ModelConfig, directory: string): Promise<string> {
  const platform = pythonPlatform(config);
  const names = artifactNames(config, platform);
  for (const name of names) {
    const path = join(directory, name);
    if ((await isFile(path)) || (await isDirectory(path))) return path;
  }
  throw new ServingError(Code.UNAVAILABLE, missing(config.name, platform, directory, names));
}

function artifactNames(
  { defaultModelFilename }: ModelConfig,
  platform: PythonPlatform | undefined,
): readonly string[] {
  if (platform !== "pytorch") return [defaultModelFilename];
  return [...new Set([defaultModelFilename, "model.py", "model.pt"])].filter((name) => name !== "");
}

function missing(
  model: string,
  platform: PythonPlatform | undefined,
  directory: string,
  names: readonly string[],
): string {
  const path = join(directory, names[0] ?? "");
  if (platform === "pytorch") return `No model found in ${directory}/[${names.join(", ")}]`;
  if (platform === "tensorflow_savedmodel") return `No savedmodel dir found in ${path}`;
  return `unable to find '${path}' for model instance '${model}'`;
}
