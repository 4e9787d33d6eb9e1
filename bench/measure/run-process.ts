import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/**
 * Runs a script of this folder in a process of its own.
 *
 * @param script path below `bench/`
 * @param argument given to it as JSON
 * @param onLine called for each line it prints but the last
 * @param options flags for Node.js, and variables beside those of this process
 * @returns its last line, parsed
 */
export async function runProcess<T>(
  script: string,
  argument: unknown,
  onLine: (line: string) => void = () => {},
  options: { readonly flags?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<T> {
  const file = fileURLToPath(new URL(`../${script}`, import.meta.url));
  const args = [...(options.flags ?? []), "--import", "tsx", file, JSON.stringify(argument)];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "2", ...options.env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve, reject) =>
    child.on("close", resolve).on("error", reject),
  );
  let last: string | undefined;
  for await (const line of createInterface(child.stdout)) {
    if (last !== undefined) onLine(last);
    last = line;
    if (!line.startsWith("{")) {
      onLine(line);
      last = undefined;
    }
  }
  const status = await ended;
  if (status !== 0 || last === undefined) throw new Error(`${script} ended with ${status}`);
  return JSON.parse(last) as T;
}
