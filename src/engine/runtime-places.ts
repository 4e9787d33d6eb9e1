import { existsSync, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { sitePackagesOfEnvironment, sitePackagesOfInterpreter } from "./find-site-packages.js";
import type { EngineName, RuntimePlace } from "./runtime.js";
import { managedVenv, tandemHome } from "./runtime-home.js";

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
  yield* pythonPlaces(env);
  const home = tandemHome(env);
  yield* folders("tandem setup", managedVenv(home), sitePackagesOfEnvironment(managedVenv(home)));
  yield* systemFolders(env).map((path) => ({ from: "system libraries", path, decisive: false }));
}

function* pythonPlaces(env: NodeJS.ProcessEnv): Generator<RuntimePlace> {
  const named = env.TANDEM_PYTHON;
  if (named) {
    const path = named.includes("/") || existsSync(named) ? resolve(named) : named;
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
    const found = isFolder ? sitePackagesOfEnvironment(path) : sitePackagesOfInterpreter(named, env);
    yield* folders("TANDEM_PYTHON", path, found);
  }
  for (const variable of ["VIRTUAL_ENV", "CONDA_PREFIX"]) {
    const prefix = env[variable];
    if (prefix) yield* folders(variable, resolve(prefix), sitePackagesOfEnvironment(prefix));
  }
  yield* folders("python3 on PATH", "python3", sitePackagesOfInterpreter("python3", env));
}

/** One place per folder; where an environment has none, the environment itself, so that the report names it. */
function folders(from: string, environment: string, found: readonly string[]): RuntimePlace[] {
  return (found.length > 0 ? found : [environment]).map((path) => ({ from, path, decisive: false }));
}

function systemFolders(env: NodeJS.ProcessEnv): string[] {
  const machine = process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
  const usual = ["/usr/local/lib", join("/usr/lib", machine), "/usr/lib64", "/usr/lib"];
  const named = (env.LD_LIBRARY_PATH ?? "").split(delimiter).filter(Boolean);
  return [...named, ...usual].filter((folder) => existsSync(folder));
}
