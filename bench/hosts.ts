import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { python } from "../test/support/python.js";
import { randomFloats } from "../test/support/random.js";
import { TestServer } from "../test/support/server.js";
import { inferRequest } from "./load/infer-request.js";
import { madeModels, newRepository } from "./measure/bench-model.js";
import { type Bench, type Outcome, type Row, rounded } from "./measure/outcome.js";
import { addPeerModels } from "./measure/peer-repository.js";
import { PeerServer } from "./measure/peer-server.js";
import { RACE_ROUNDS, type Race, race } from "./measure/race.js";
import { runProcess } from "./measure/run-process.js";
import { median } from "./measure/statistics.js";
import type { CallsResult, CallsTrial } from "./trials/calls.js";

const MODELS = { saved_model: "SavedModel", module: "model.py" };
const module = fileURLToPath(new URL("peer/net.py", import.meta.url));
const request = (model: string) => inferRequest(model, "x", [1, 16], randomFloats(16, 1));

export const hosts: Bench = {
  name: "hosts",
  question:
    'How many small requests per second does Tandem answer with `backend: "python"`, against tritonserver with a Python backend that does what its platform handlers do?',
  async run(): Promise<Outcome> {
    const repository = tandemRepository();
    const rows: Row[] = [];
    const trials: Record<string, unknown> = {};
    const tandem = await TestServer.start(repository);
    try {
      const peer = await PeerServer.start(peerRepository());
      try {
        for (const [model, title] of Object.entries(MODELS)) {
          const result = await race({
            tandem: { server: tandem, request: request(model) },
            tritonserver: { server: peer, request: request(model) },
          });
          const embedded = await calls(repository, model);
          trials[model] = { http: result.loads, embedded };
          for (const row of result.rows) rows.push({ model: title, ...row });
          rows.push({ model: title, ...embeddedRow(embedded, result) });
        }
      } finally {
        await peer.stop();
      }
    } finally {
      await tandem.stop();
    }
    return { facts, rows, trials };
  },
};

const facts = {
  model: "softmax(x·W), FP32 [1,16] to [1,4]; equal answers checked first",
  SavedModel: "tritonserver's handler calls its signature once per request, as the published one does",
  "model.py":
    "one module, compiled by torch.compile on both sides; tritonserver's handler runs a batch at once",
  batching: "max_batch_size 32, default dynamic batching, one instance, on both sides",
  client: `one process, raw sockets with keep-alive, the same for both; ${RACE_ROUNDS} rounds, 2 s each`,
  embedded:
    "the same model directory, loaded by a program: 32 callers, no HTTP; against tritonserver at 32 connections",
};

function tandemRepository(): string {
  const repository = newRepository();
  const io = [
    'input [ { name: "x" data_type: TYPE_FP32 dims: [16] } ]',
    'output [ { name: "y" data_type: TYPE_FP32 dims: [4] } ]',
  ];
  const add = (name: string, platform: string, more: readonly string[]) => {
    mkdirSync(join(repository, name, "1"), { recursive: true });
    const config = [
      'backend: "python"',
      `platform: "${platform}"`,
      "max_batch_size: 32",
      "dynamic_batching { }",
      ...more,
    ];
    writeFileSync(
      join(repository, name, "config.pbtxt"),
      `${[...config, "instance_group [ { count: 1 kind: KIND_CPU } ]"].join("\n")}\n`,
    );
  };
  add("saved_model", "tensorflow_savedmodel", []);
  symlinkSync(
    join(madeModels("tensorflow"), "tf-tiny"),
    join(repository, "saved_model", "1", "model.savedmodel"),
  );
  add("module", "pytorch", io);
  copyFileSync(module, join(repository, "module", "1", "model.py"));
  return repository;
}

function peerRepository(): string {
  const repository = newRepository();
  const saved_model = join(madeModels("tensorflow"), "tf-tiny");
  const where = 'import sysconfig; print(sysconfig.get_paths()["purelib"])';
  const packages = execFileSync(python(), ["-c", where], { encoding: "utf8" }).trim();
  addPeerModels(repository, {
    saved_model: { handler: "model.py", parameters: { saved_model, batched: "0" } },
    module: { handler: "torch_model.py", parameters: { module, packages } },
  });
  return repository;
}

function calls(repository: string, model: string): Promise<CallsResult> {
  const trial: CallsTrial = {
    directory: join(repository, model),
    input: "x",
    length: 16,
    inFlight: 32,
    rounds: RACE_ROUNDS,
    secondsPerRound: 1,
  };
  return runProcess<CallsResult>("trials/calls.ts", trial);
}

function embeddedRow({ perSecond, p50Micros, p99Micros }: CallsResult, { loads }: Race): Row {
  const peer = loads[32]?.tritonserver ?? [];
  const rate = median([...perSecond]);
  return {
    connections: "32 callers",
    server: "tandem, embedded",
    "requests/s": rounded(rate),
    "p50 µs": rounded(median([...p50Micros])),
    "p99 µs": rounded(median([...p99Micros])),
    "CPU µs/request": "",
    "tandem's rate ×": rounded(rate / median(peer.map((load) => load.perSecond))),
    "tandem's p99 ×": rounded(median([...p99Micros]) / median(peer.map((load) => load.p99))),
    "tandem's CPU ×": "",
  };
}
