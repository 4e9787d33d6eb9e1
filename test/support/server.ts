import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("../../lib/cli/main.js", import.meta.url));

/** `tandem serve` in a process of its own, on free ports of the loopback. */
export class TestServer {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #log = "";

  private constructor(args: readonly string[], env: NodeJS.ProcessEnv) {
    const ports = ["--http-address=127.0.0.1", "--http-port=0", "--metrics-port=0"];
    this.#child = spawn(process.execPath, [cli, "serve", ...ports, ...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout?.on("data", (chunk: Buffer) => {
      this.#log += chunk;
    });
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.#log += chunk;
    });
    this.#ended = new Promise((resolve) => this.#child.on("close", resolve));
  }

  /** Resolves when both ports are open; rejects with the server's log if it ends before that or takes too long. */
  static async start(
    repository: string,
    args: readonly string[] = [],
    env: NodeJS.ProcessEnv = {},
  ): Promise<TestServer> {
    const server = new TestServer([`--model-repository=${repository}`, ...args], env);
    const deadline = Date.now() + 60_000;
    while (!server.#isListening()) {
      if (server.#child.exitCode !== null || Date.now() > deadline) {
        await server.stop();
        throw new Error(`the server did not start:\n${server.log}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return server;
  }

  /** `http://127.0.0.1:…` */
  get url(): string {
    return `http://127.0.0.1:${this.httpPort}`;
  }

  get httpPort(): number {
    return this.#port("HTTPService");
  }

  get metricsUrl(): string {
    return `http://127.0.0.1:${this.#port("Metrics Service")}/metrics`;
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** What it has written to stdout and stderr. */
  get log(): string {
    return this.#log;
  }

  /** Sends a signal and waits for the end. Returns the exit code; null if the signal itself ended the process. */
  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    if (this.#child.exitCode === null) this.#child.kill(signal);
    return this.#ended;
  }

  #isListening(): boolean {
    return this.#started("HTTPService") !== null && this.#started("Metrics Service") !== null;
  }

  #port(service: string): number {
    return Number(this.#started(service)?.[1]);
  }

  #started(service: string): RegExpExecArray | null {
    return new RegExp(`Started ${service} at [^\\s"]*:(\\d+)`).exec(this.#log);
  }
}
