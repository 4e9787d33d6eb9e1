import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";

/**
 * Reads the file that `TF_INIT_OPS_FILE` names: JSON with the single member `init_ops`, a list of operations that give
 * a graph's variables and tables their values. The version's directory is looked into before the model's.
 *
 * @param directories where to look, in this order
 * @returns names of operations, in the file's order
 * @throws {ServingError} NOT_FOUND if the file is in none of them; INVALID_ARGUMENT, naming the file, if it is something else
 * @see Triton TensorFlow backend, "Parameters"
 */
export async function readInitOperations(
  file: string,
  directories: readonly string[],
  modelName: string,
): Promise<string[]> {
  for (const directory of directories) {
    const path = join(directory, file);
    const text = await readIfThere(path);
    if (text !== undefined) return parse(text, path, modelName);
  }
  throw new ServingError(
    Code.NOT_FOUND,
    `unable to load model '${modelName}': there is no '${file}' (parameter 'TF_INIT_OPS_FILE') in ${directories.join(" or ")}`,
  );
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new ServingError(Code.INTERNAL, `unable to read '${path}': ${message}`, { cause: error });
  }
}

function parse(text: string, path: string, modelName: string): string[] {
  const refuse = (found: string) =>
    invalidArgument(
      `unable to load model '${modelName}': '${path}' (parameter 'TF_INIT_OPS_FILE') must be JSON with the single ` +
        `member "init_ops", a list of operation names; ${found}`,
    );
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw refuse((error as Error).message);
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw refuse(`it holds ${Array.isArray(content) ? "a list" : String(content)}`);
  }
  const members = Object.keys(content);
  if (members.length !== 1 || members[0] !== "init_ops") {
    throw refuse(`its members are: ${members.join(", ") || "none"}`);
  }
  const operations = (content as { init_ops: unknown }).init_ops;
  if (!Array.isArray(operations) || !operations.every((name) => typeof name === "string" && name !== "")) {
    throw refuse(`"init_ops" is ${JSON.stringify(operations)}`);
  }
  return operations as string[];
}
