import { homedir } from "node:os";
import { join, resolve } from "node:path";

/**
 * The folder for what Tandem sets up itself: the Python environment `venv`, compiled addons, build trees.
 * `TANDEM_HOME`, else `tandem` in the user's cache directory.
 */
export function tandemHome(env: NodeJS.ProcessEnv = process.env): string {
  if (env.TANDEM_HOME) return resolve(env.TANDEM_HOME);
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), ".cache"), "tandem");
}

/** The Python environment that `tandem setup` makes. */
export function managedVenv(home: string): string {
  return join(home, "venv");
}
