import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tandemHome } from "../../src/engine/runtime-home.js";
import { python } from "../../test/support/python.js";

/** A real tritonserver with its Python backend. */
export class PeerServer {
  readonly #child: ChildProcess;
  readonly httpPort: number;
  #log = "";

  private constructor(executable: string, repository: string, port: number) {
    this.httpPort = port;
    const args = [
      `--model-repository=${repository}`,
      `--http-port=${port}`,
      "--http-address=127.0.0.1",
      "--allow-grpc=false",
      "--allow-metrics=false",
    ];
    this.#child = spawn(executable, args, { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#log += chunk;
      });
    }
  }

  static async start(repository: string): Promise<PeerServer> {
    const peer = new PeerServer(installed(), repository, await freePort());
    const deadline = Date.now() + 120_000;
    while (!(await peer.#isReady())) {
      if (peer.#child.exitCode !== null || Date.now() > deadline) {
        peer.stop();
        throw new Error(`the peer did not start:\n${peer.#log}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    return peer;
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Waits for the end: a server that is still unloading would disturb what is measured next. */
  stop(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#child.once("close", () => resolve()));
    this.#child.kill("SIGTERM");
    return ended;
  }

  async #isReady(): Promise<boolean> {
    const url = `http://127.0.0.1:${this.httpPort}/v2/health/ready`;
    return (await fetch(url).catch(() => undefined))?.ok ?? false;
  }
}

/** `TANDEM_PEER`, an installation made by peer-tritonserver.sh, else one under Tandem's own folder. */
function installed(): string {
  const folder = process.env.TANDEM_PEER ?? join(tandemHome(), "peer");
  const executable = join(folder, "tritonserver");
  if (!existsSync(executable)) {
    const script = fileURLToPath(new URL("../peer-tritonserver.sh", import.meta.url));
    process.stderr.write("installing tritonserver as the peer, some 200 MB to fetch\n");
    execFileSync(script, [folder, python()], { stdio: ["ignore", "inherit", "inherit"] });
  }
  return executable;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
