import { readFile } from "node:fs/promises";
import { resolve, sep } from "node:path";
import type { ModelConfig } from "../config/model-config.js";
import { Code, ServingError } from "../inference/serving-error.js";

/** Names of the classes by output: line `i` of its label file names class `i`. */
export type Labels = ReadonlyMap<string, readonly string[]>;

/**
 * Reads the label files that a configuration's outputs name.
 *
 * @param directory the model's; label files lie in it
 * @throws {ServingError} UNIMPLEMENTED if a file lies elsewhere, NOT_FOUND if one cannot be read
 * @see Triton `ModelOutput.label_filename`
 */
export async function readLabels(directory: string, config: ModelConfig): Promise<Labels> {
  const labels = new Map<string, readonly string[]>();
  for (const { name, labelFilename } of config.output) {
    if (labelFilename === "") continue;
    const path = resolve(directory, labelFilename);
    if (!path.startsWith(resolve(directory) + sep)) {
      throw new ServingError(
        Code.UNIMPLEMENTED,
        `label file path '${labelFilename}' for output '${name}' in model '${config.name}' is outside model directory`,
      );
    }
    labels.set(name, await readLines(path, `labels of output '${name}' of model '${config.name}'`));
  }
  return labels;
}

async function readLines(path: string, what: string): Promise<string[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new ServingError(Code.NOT_FOUND, `unable to read ${what}: ${(error as Error).message}`);
  }
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
