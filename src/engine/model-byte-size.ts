import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/**
 * Bytes of a model's files: its weights, and little else.
 *
 * @param path the SavedModel directory, or the GraphDef or TorchScript file
 */
export async function modelByteSize(path: string): Promise<number> {
  const status = await stat(path);
  if (!status.isDirectory()) return status.size;
  const entries = await readdir(path, { recursive: true });
  const sizes = await Promise.all(entries.map((entry) => fileSize(join(path, entry))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function fileSize(path: string): Promise<number> {
  const status = await stat(path);
  return status.isFile() ? status.size : 0;
}
