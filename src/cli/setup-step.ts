import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** A part of the set-up that failed, with what to do about it. Shown without a stack. */
export class SetupError extends Error {
  override readonly name = "SetupError";
}

export interface Step {
  /** What the step does, for people: `installing torch 2.15.0`. */
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Where all of its output goes. */
  readonly log: string;
  /** Turns a line of output into the state to show, undefined where the line tells nothing. */
  readonly progress?: (line: string) => string | undefined;
  /** Called for each display: more about the state, such as how much has arrived. */
  readonly measure?: () => string | undefined;
  /** What to do when it fails, from the end of its output. */
  readonly advice?: (output: string) => string | undefined;
}

/** Without a terminal one line per this many milliseconds, so that a log stays short. */
const LOG_INTERVAL_MILLIS = 15_000;
const TERMINAL_INTERVAL_MILLIS = 200;
const OUTPUT_LINES_SHOWN = 25;

/**
 * Runs one long command: its output into a log file, its state and elapsed time to stderr.
 *
 * @throws {SetupError} with the end of the output and advice if it fails
 */
export async function runStep(step: Step): Promise<void> {
  mkdirSync(dirname(step.log), { recursive: true });
  const log = openSync(step.log, "w");
  const display = new StepDisplay(step.title);
  let state = "";
  const show = () => display.show([state, step.measure?.()].filter(Boolean).join(", "));
  const timer = setInterval(show, display.interval);
  try {
    const code = await new Promise<number | string>((settle, reject) => {
      const child = spawn(step.command, step.args, {
        env: step.env ?? process.env,
        cwd: step.cwd,
        stdio: ["ignore", "pipe", "pipe"],
      });
      child.on("error", reject);
      child.on("close", (exitCode, signal) => settle(exitCode ?? signal ?? "?"));
      for (const stream of [child.stdout, child.stderr]) {
        eachLine(stream, (line) => {
          writeSync(log, `${line}\n`);
          const next = step.progress?.(line);
          if (next !== undefined && next !== state) state = next;
        });
      }
    });
    if (code !== 0) throw new SetupError(failure(step, code));
    display.end();
  } catch (error) {
    display.fail();
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      throw new SetupError(`${step.title}: ${step.command} is not there`, { cause: error });
    }
    throw error;
  } finally {
    clearInterval(timer);
    closeSync(log);
  }
}

function failure(step: Step, code: number | string): string {
  const output = readFileSync(step.log, "utf8");
  const end = output.trimEnd().split("\n").slice(-OUTPUT_LINES_SHOWN).join("\n");
  const advice = step.advice?.(output);
  return `${step.title} failed (exit ${code}):\n${end}\n(all of it: ${step.log})${advice ? `\n\n${advice}` : ""}`;
}

function eachLine(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? "";
    lines.forEach(take);
  });
  stream.on("end", () => {
    if (rest) take(rest);
  });
}

/** One rewritten line on a terminal; elsewhere a line at the start, one now and then, and one at the end. */
class StepDisplay {
  readonly interval = process.stderr.isTTY ? TERMINAL_INTERVAL_MILLIS : LOG_INTERVAL_MILLIS;
  readonly #started = performance.now();
  readonly #title: string;

  constructor(title: string) {
    this.#title = title;
    this.#write(`${title} ...`);
  }

  show(state: string): void {
    this.#write(`${this.#title} ... ${state ? `${state}, ` : ""}${this.#seconds()}`);
  }

  end(): void {
    this.#write(`${this.#title}: done in ${this.#seconds()}`);
    if (process.stderr.isTTY) process.stderr.write("\n");
  }

  fail(): void {
    this.#write(`${this.#title}: failed after ${this.#seconds()}`);
    if (process.stderr.isTTY) process.stderr.write("\n");
  }

  #seconds(): string {
    return `${Math.round((performance.now() - this.#started) / 1000)} s`;
  }

  #write(text: string): void {
    const width = process.stderr.columns ?? 80;
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[2K${text.slice(0, width - 1)}` : `${text}\n`);
  }
}
