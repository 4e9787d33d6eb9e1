import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { managedVenv, tandemHome } from "../../src/engine/runtime-home.js";

/** The Python that has TensorFlow and torch: `TANDEM_PYTHON` (interpreter or environment), else what `npm run setup` made. */
export function python(): string {
  const named = process.env.TANDEM_PYTHON;
  if (named) {
    const path = resolve(named);
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
    return isFolder ? join(path, "bin", "python") : named;
  }
  const managed = join(managedVenv(tandemHome()), "bin", "python");
  if (existsSync(managed)) return managed;
  throw new Error("no Python for the tests: run `npm run setup`, or set TANDEM_PYTHON");
}

/** Runs a script to its end; throws an Error with its output when it fails. */
export function runPython(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  try {
    return execFileSync(python(), [script, ...args], {
      encoding: "utf8",
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1", TF_CPP_MIN_LOG_LEVEL: "2", ...env },
      maxBuffer: 64 << 20,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 300_000,
    });
  } catch (thrown) {
    const { status, stdout, stderr } = thrown as { status: number; stdout: string; stderr: string };
    throw new Error(`${script} ${args.join(" ")} ended with ${status}:\n${stdout}${stderr}`, {
      cause: thrown,
    });
  }
}
