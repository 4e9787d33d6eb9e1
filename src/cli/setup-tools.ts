import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../engine/addon-build.js";
import { commandPath } from "../engine/find-site-packages.js";
import { PYTHON_VERSIONS } from "./setup-pins.js";
import { SetupError } from "./setup-step.js";

/**
 * The Python to make the managed environment with: `TANDEM_PYTHON` if it is an interpreter, else `python3` or one of
 * its versioned names on `PATH`; the first one of a supported version which can make environments.
 *
 * @throws {SetupError} if there is none, saying what each candidate lacks
 */
export function findPython(env: NodeJS.ProcessEnv): string {
  const named = env.TANDEM_PYTHON;
  const names = [
    ...(named ? [named] : []),
    "python3",
    ...PYTHON_VERSIONS.map((version) => `python${version}`),
  ];
  const lacks: string[] = [];
  for (const name of names) {
    const path = commandPath(name, env);
    const lack = path ? whatPythonLacks(path) : undefined;
    if (path && !lack) return path;
    if (path) lacks.push(`  ${path}: ${lack}`);
  }
  throw new SetupError(
    [
      `Python ${PYTHON_VERSIONS.join(", ")} with its venv module is needed and was not found.`,
      ...lacks,
      "Debian, Ubuntu: sudo apt-get install python3 python3-venv",
      "Fedora, RHEL:   sudo dnf install python3",
      "or name an interpreter: TANDEM_PYTHON=/path/to/python3.11 npx tandem setup",
    ].join("\n"),
  );
}

function whatPythonLacks(python: string): string | undefined {
  const script = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])";
  try {
    const version = execFileSync(python, ["-c", script], { encoding: "utf8", stdio: "pipe" }).trim();
    const supported = PYTHON_VERSIONS.some((known) => known === version);
    return supported ? undefined : `is Python ${version}`;
  } catch (error) {
    const reason = String((error as { stderr?: unknown }).stderr ?? error)
      .trim()
      .split("\n")
      .at(-1);
    return `cannot make environments (${reason})`;
  }
}

/** @throws {SetupError} if there is no C++ compiler */
export function requireCompiler(env: NodeJS.ProcessEnv): void {
  const names = [...(env.CXX ? [env.CXX.split(" ")[0] ?? ""] : []), "g++", "clang++"];
  if (names.some((name) => commandPath(name, env))) return;
  throw new SetupError(
    [
      "A C++ compiler is needed to build the addon, and neither g++ nor clang++ was found.",
      "Debian, Ubuntu: sudo apt-get install g++",
      "Fedora, RHEL:   sudo dnf install gcc-c++",
      "Alpine:         sudo apk add g++",
    ].join("\n"),
  );
}

/** Which of cmake and ninja have to come from PyPI: those not there, or too old for `CMakeLists.txt`. */
export function missingBuildTools(env: NodeJS.ProcessEnv): string[] {
  const cmake = commandPath("cmake", env);
  const enough = cmake !== undefined && atLeast(commandVersion(cmake), requiredCmake());
  return [...(enough ? [] : ["cmake"]), ...(commandPath("ninja", env) ? [] : ["ninja"])];
}

function commandVersion(command: string): string {
  try {
    const output = execFileSync(command, ["--version"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return /\d+\.\d+(\.\d+)?/.exec(output)?.[0] ?? "0";
  } catch {
    return "0";
  }
}

function requiredCmake(): string {
  const text = readFileSync(join(packageRoot, "CMakeLists.txt"), "utf8");
  return /cmake_minimum_required\(\s*VERSION\s+([\d.]+)/i.exec(text)?.[1] ?? "3.20";
}

function atLeast(version: string, wanted: string): boolean {
  return version.localeCompare(wanted, "en", { numeric: true }) >= 0;
}

/** @throws {SetupError} if `folder`'s disk has less than `megabytes` left */
export function requireDisk(folder: string, megabytes: number): void {
  mkdirSync(folder, { recursive: true });
  if (!existsSync(folder)) return;
  const { bavail, bsize } = statfsSync(folder);
  const free = Math.floor((bavail * bsize) / 1e6);
  if (free >= megabytes) return;
  throw new SetupError(
    [
      `${folder} has ${size(free)} left, and ${size(megabytes)} are needed.`,
      "Free some space, or put Tandem's folder on another disk: TANDEM_HOME=/other/disk/tandem npx tandem setup",
    ].join("\n"),
  );
}

/** `560 MB`, `1.3 GB`. */
export function size(megabytes: number): string {
  return megabytes < 1000 ? `${Math.round(megabytes)} MB` : `${(megabytes / 1000).toFixed(1)} GB`;
}
