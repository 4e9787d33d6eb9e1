import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { commandPath, sitePackagesOfEnvironment, sitePackagesOfInterpreter } from "./find-site-packages.js";
import { managedVenv, tandemHome } from "./runtime-home.js";

/** A Python environment, by its layout on disk. */
export interface PythonEnvironment {
  /** What named it: `TANDEM_PYTHON`, `VIRTUAL_ENV`, `python3 on PATH`, `tandem setup` ... */
  readonly from: string;
  /** The folder or command that was looked at. */
  readonly place: string;
  /** Absolute; undefined where there is none. */
  readonly interpreter: string | undefined;
  /** The folders that it imports packages from. */
  readonly sitePackages: readonly string[];
}

/**
 * The Python environments of this machine that count: the one the user names, the active one, the system's, the one that
 * `tandem setup` makes. Lazy, and no Python is started where a look at the disk is enough.
 */
export function* pythonEnvironments(env: NodeJS.ProcessEnv): Generator<PythonEnvironment> {
  const named = env.TANDEM_PYTHON;
  if (named) {
    const path = named.includes("/") || existsSync(named) ? resolve(named) : named;
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
    yield isFolder ? folder("TANDEM_PYTHON", path) : command("TANDEM_PYTHON", path, named, env);
  }
  for (const variable of ["VIRTUAL_ENV", "CONDA_PREFIX"]) {
    const prefix = env[variable];
    if (prefix) yield folder(variable, resolve(prefix));
  }
  yield command("python3 on PATH", "python3", "python3", env);
  yield folder("tandem setup", managedVenv(tandemHome(env)));
}

/** The interpreter of a venv or conda environment. */
export function interpreterIn(prefix: string): string | undefined {
  return ["python", "python3"].map((name) => join(prefix, "bin", name)).find((path) => existsSync(path));
}

function folder(from: string, place: string): PythonEnvironment {
  return { from, place, interpreter: interpreterIn(place), sitePackages: sitePackagesOfEnvironment(place) };
}

function command(from: string, place: string, named: string, env: NodeJS.ProcessEnv): PythonEnvironment {
  const interpreter = commandPath(named, env);
  return { from, place, interpreter, sitePackages: sitePackagesOfInterpreter(named, env) };
}
