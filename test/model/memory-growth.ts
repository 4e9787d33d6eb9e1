import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("memory-program.ts", import.meta.url));

/**
 * By how many bytes a process grows that loads a model and runs it once.
 *
 * @param small a model of the same kind that is loaded before
 * @param config of both
 */
export function memoryGrowth(path: string, small: string, config: object): number {
  const args = ["--import", "tsx", program, path, small, JSON.stringify(config)];
  return Number(execFileSync(process.execPath, args, { encoding: "utf8" }));
}
