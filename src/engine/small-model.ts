import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { elementCount } from "../inference/shape.js";
import type { TensorSpec } from "./engine-model.js";

/** Some 0.5 ms of one core. Below it, handing parts of an operation to other threads costs more than it saves. */
const SMALL_MULTIPLICATIONS = 4_000_000;

/**
 * Whether a model does so little for a row that its operations are best left on one thread: TensorFlow would split a
 * softmax of 32 rows among all cores and take five times as long; libtorch's threads wait for each other awake, which on
 * busy cores takes a hundred times as long.
 *
 * Bounded from above without looking into the graph: each weight (4 bytes of the model's files) is used at most once per
 * element of the input.
 *
 * @param path the SavedModel directory, or the GraphDef or TorchScript file
 * @param inputs as the framework sees them
 * @param batched whether dimension 0 is the batch dimension
 */
export async function isSmallModel(
  path: string,
  inputs: readonly TensorSpec[],
  batched: boolean,
): Promise<boolean> {
  let elements = 0;
  for (const { shape } of inputs) {
    const count = shape === undefined ? -1 : elementCount(batched ? shape.slice(1) : shape);
    if (count < 0) return false;
    elements += count;
  }
  const weights = (await byteSize(path)) / 4;
  return weights * elements <= SMALL_MULTIPLICATIONS;
}

async function byteSize(path: string): Promise<number> {
  const status = await stat(path);
  if (!status.isDirectory()) return status.size;
  const entries = await readdir(path, { recursive: true });
  const sizes = await Promise.all(entries.map(async (entry) => fileSize(join(path, entry))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function fileSize(path: string): Promise<number> {
  const status = await stat(path);
  return status.isFile() ? status.size : 0;
}
