import { existsSync } from "node:fs";
import { join } from "node:path";
import { Code, ServingError } from "../inference/serving-error.js";
import { type PythonEnvironment, pythonEnvironments } from "./python-environments.js";

/** The Python that runs models, and each environment that was looked at before it, with the reason why that was not it. */
export interface PythonSearch {
  readonly interpreter: string | undefined;
  /** What led to it. */
  readonly from: string | undefined;
  readonly tried: readonly string[];
}

/** Finds the first Python environment that has torch; nothing is started. */
export function findPython(env: NodeJS.ProcessEnv = process.env): PythonSearch {
  const tried: string[] = [];
  for (const environment of pythonEnvironments(env)) {
    const { from, place, interpreter } = environment;
    const lack = lackOf(environment);
    if (interpreter !== undefined && lack === undefined) return { interpreter, from, tried };
    tried.push(`${from}: ${place} ${lack}`);
  }
  return { interpreter: undefined, from: undefined, tried };
}

/** @throws {ServingError} UNAVAILABLE, saying where it was looked for and what to do */
export function requirePython(search: PythonSearch): string {
  if (search.interpreter !== undefined) return search.interpreter;
  const message =
    "no Python environment with torch was found; `npx tandem setup torch` makes one. Looked at:";
  throw new ServingError(Code.UNAVAILABLE, [message, ...search.tried.map((line) => `  ${line}`)].join("\n"));
}

function lackOf({ interpreter, sitePackages }: PythonEnvironment): string | undefined {
  if (interpreter === undefined) return "has no Python";
  const hasTorch = sitePackages.some((folder) => existsSync(join(folder, "torch", "__init__.py")));
  return hasTorch ? undefined : "has no torch";
}
