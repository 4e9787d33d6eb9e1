import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { Code, ServingError } from "../inference/serving-error.js";
import type { EngineLogger } from "./engine-load-request.js";
import { lineLevel } from "./line-level.js";
import { forEachLine } from "./lines.js";

/** How a host is started, and what it is told. */
export interface HostProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** The `request` of its load message; JSON. */
  readonly request: unknown;
  /** How long it may take to say that it has started, in milliseconds. */
  readonly startTimeoutMillis: number;
}

/**
 * A model's own process, from its start to its end.
 *
 * @see docs/host-protocol.md
 */
export class HostProcess {
  /** Settles with the `details` that the host tells once its model is warm. Rejects with a ServingError. */
  readonly loaded: Promise<unknown>;
  /** Settles with how it ended: "ended by SIGKILL". */
  readonly ended: Promise<string>;
  private readonly child: ChildProcess;
  private readonly logger: EngineLogger;
  private settleLoaded: { resolve(details: unknown): void; reject(error: ServingError): void } | undefined;
  private startTimer: NodeJS.Timeout | undefined;
  private lastLine = "";

  /**
   * @param descriptors what it gets from descriptor 4 on
   * @param instances how many of the model
   */
  constructor(program: HostProgram, descriptors: readonly number[], instances: number, logger: EngineLogger) {
    this.logger = logger;
    this.loaded = new Promise((resolve, reject) => {
      this.settleLoaded = { resolve, reject };
    });
    this.loaded.catch(() => {}); // whoever waits for it hears of it
    this.child = spawn(program.command, program.args, {
      env: program.env,
      stdio: ["ignore", "pipe", "pipe", "pipe", ...descriptors],
      // A group of its own: an interrupt at the terminal is the server's, which answers what it has first.
      detached: true,
    });
    this.ended = new Promise((resolve) => {
      this.child.once("error", (error) => resolve(`cannot be started: ${error.message}`));
      // Not at "exit": what it has written may tell why.
      this.child.once("close", (code, signal) => resolve(this.describeEnd(code, signal)));
    });
    this.ended.then((how) => this.fail(new ServingError(Code.UNAVAILABLE, `the model's process ${how}`)));
    forEachLine(this.child.stdout as Readable, (line) => this.written(line, "info"));
    forEachLine(this.child.stderr as Readable, (line) => this.written(line, lineLevel(line)));
    forEachLine(this.control as Readable & Writable, (line) => this.told(line));
    // A host that has ended cannot be told anything; that it has ended is heard of above.
    this.control.on("error", () => {});
    this.control.write(`${JSON.stringify({ type: "load", instances, request: program.request })}\n`);
    this.startTimer = setTimeout(() => this.startedLate(program), program.startTimeoutMillis);
  }

  /** undefined if it could not be started. */
  get processId(): number | undefined {
    return this.child.pid;
  }

  /** From now on it does not keep this process alive. */
  unref(): void {
    this.child.unref();
    for (const stream of [this.child.stdout, this.child.stderr, this.control]) {
      (stream as unknown as { unref?(): void }).unref?.();
    }
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }

  /** Ends it, and waits for that. It has nothing more to do: whoever calls this gives it no more batches. */
  async stop(): Promise<void> {
    this.child.ref();
    this.control.end();
    const patience = setTimeout(() => this.kill(), 2000);
    await this.ended;
    clearTimeout(patience);
  }

  private get control(): Readable & Writable {
    return this.child.stdio[3] as unknown as Readable & Writable;
  }

  private told(line: string): void {
    let message: Record<string, unknown>;
    try {
      message = JSON.parse(line);
    } catch {
      this.logger.warn(`its process says what is no control message: ${line}`);
      return;
    }
    clearTimeout(this.startTimer);
    if (message.type === "log") this.log(String(message.level), String(message.message));
    else if (message.type === "loaded") this.settle(({ resolve }) => resolve(message.details));
    else if (message.type === "failed") {
      this.fail(ServingError.from({ code: message.code, message: message.message }));
    }
  }

  private log(level: string, message: string): void {
    if (level === "warn" || level === "error" || level === "debug") this.logger[level](message);
    else this.logger.info(message);
  }

  private written(line: string, level: keyof EngineLogger): void {
    this.lastLine = line;
    this.logger[level](line);
  }

  private startedLate({ startTimeoutMillis }: HostProgram): void {
    const message = `the model's process said nothing for ${startTimeoutMillis / 1000} seconds after its start`;
    this.fail(new ServingError(Code.UNAVAILABLE, message));
    this.kill();
  }

  private fail(error: ServingError): void {
    clearTimeout(this.startTimer);
    this.settle(({ reject }) => reject(error));
  }

  private settle(how: (settle: NonNullable<HostProcess["settleLoaded"]>) => void): void {
    const { settleLoaded } = this;
    this.settleLoaded = undefined;
    if (settleLoaded !== undefined) how(settleLoaded);
  }

  private describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
    const how = signal === null ? `ended with exit code ${code}` : `ended by ${signal}`;
    return this.lastLine === "" ? how : `${how}; its last words: ${this.lastLine}`;
  }
}
