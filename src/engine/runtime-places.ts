import { existsSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { type PythonEnvironment, pythonEnvironments } from "./python-environments.js";
import type { EngineName, RuntimePlace } from "./runtime.js";

/** Variables that name an engine's libraries, first one first. */
const EXPLICIT: Readonly<Record<EngineName, readonly { variable: string; decisive: boolean }[]>> = {
  tensorflow: [{ variable: "TANDEM_TENSORFLOW", decisive: true }],
  torch: [
    { variable: "TANDEM_TORCH", decisive: true },
    { variable: "LIBTORCH", decisive: false },
  ],
};

/**
 * Where an engine's libraries are looked for, in this order: a path the user names, a Python environment the user names
 * or has active, the environment that `tandem setup` makes, the system's library folders. Lazy: a place costs
 * nothing until the ones before it turn out to hold nothing.
 */
export function* runtimePlaces(engine: EngineName, env: NodeJS.ProcessEnv): Generator<RuntimePlace> {
  for (const { variable, decisive } of EXPLICIT[engine]) {
    const value = env[variable];
    if (value) yield { from: variable, path: resolve(value), decisive };
  }
  for (const environment of pythonEnvironments(env)) yield* folders(environment);
  yield* systemFolders(env).map((path) => ({ from: "system libraries", path, decisive: false }));
}

/** One place per folder; where an environment has none, the environment itself, so that the report names it. */
function folders({ from, place, sitePackages }: PythonEnvironment): RuntimePlace[] {
  return (sitePackages.length > 0 ? sitePackages : [place]).map((path) => ({ from, path, decisive: false }));
}

function systemFolders(env: NodeJS.ProcessEnv): string[] {
  const machine = process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
  const usual = ["/usr/local/lib", join("/usr/lib", machine), "/usr/lib64", "/usr/lib"];
  const named = (env.LD_LIBRARY_PATH ?? "").split(delimiter).filter(Boolean);
  return [...named, ...usual].filter((folder) => existsSync(folder));
}
