import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tandemHome } from "../../src/engine/runtime-home.js";
import { python } from "../../test/support/python.js";
import { madeModels, newRepository } from "./bench-model.js";

/**
 * A real tritonserver that serves the tiny SavedModel through its Python backend under two names: `tiny`, whose
 * handler calls the model once per request, and `tiny_batched`, whose handler puts the requests of a batch together.
 */
export class PeerServer {
  readonly #child: ChildProcess;
  readonly httpPort: number;
  #log = "";

  private constructor(executable: string, port: number) {
    this.httpPort = port;
    const args = [
      `--model-repository=${peerRepository()}`,
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

  static async start(): Promise<PeerServer> {
    const peer = new PeerServer(installed(), await freePort());
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

function peerRepository(): string {
  const repository = newRepository();
  const handler = fileURLToPath(new URL("../peer/model.py", import.meta.url));
  const savedModel = join(madeModels("tensorflow"), "tf-tiny");
  for (const [name, batched] of [
    ["tiny", 0],
    ["tiny_batched", 1],
  ] as const) {
    const version = join(repository, name, "1");
    mkdirSync(version, { recursive: true });
    copyFileSync(handler, join(version, "model.py"));
    const config = [
      'backend: "python"',
      "max_batch_size: 32",
      'input [ { name: "x" data_type: TYPE_FP32 dims: [16] } ]',
      'output [ { name: "y" data_type: TYPE_FP32 dims: [4] } ]',
      "dynamic_batching { }",
      `parameters { key: "saved_model" value { string_value: "${savedModel}" } }`,
      `parameters { key: "batched" value { string_value: "${batched}" } }`,
    ];
    writeFileSync(join(repository, name, "config.pbtxt"), `${config.join("\n")}\n`);
  }
  return repository;
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
