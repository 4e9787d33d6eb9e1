import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../../src/engine/addon-build.js";

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `tandem` from its sources, with these variables and no others. */
export function runTandem(args: readonly string[], env: NodeJS.ProcessEnv): Outcome {
  const command = ["--import", "tsx", join(packageRoot, "src/cli/main.ts"), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: packageRoot,
    env,
    encoding: "utf8",
    timeout: 120_000,
  });
  return { code: status, stdout, stderr };
}
