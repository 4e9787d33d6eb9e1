import { randomFloats } from "../test/support/random.js";
import { TestServer } from "../test/support/server.js";
import { inferRequest } from "./load/infer-request.js";
import { modelDirectory, newRepository } from "./measure/bench-model.js";
import { loadServer, type ServerLoad } from "./measure/load.js";
import { type Bench, type Outcome, type Row, rounded } from "./measure/outcome.js";
import { PeerServer } from "./measure/peer-server.js";
import { sameAnswer } from "./measure/same-answer.js";
import { median, ratio } from "./measure/statistics.js";

const CONCURRENCIES = [1, 8, 32];
const ROUNDS = 5;

/** A server and the name under which it has the model. */
interface Contestant {
  readonly server: { readonly httpPort: number; readonly pid: number };
  readonly model: string;
}

const values = randomFloats(16, 1);

/** Tandem's name of the model, and those of the peer: its handler calls the model once per request, or once per batch. */
const OURS = "tandem";
const PEERS = ["tritonserver", "tritonserver, batched"];

export const http: Bench = {
  name: "http",
  question:
    "How many small binary requests per second does Tandem answer over HTTP, against tritonserver running the same SavedModel in its Python backend?",
  async run(): Promise<Outcome> {
    const repository = newRepository();
    modelDirectory(
      { framework: "tensorflow", network: "tiny", maxBatchSize: 32, dynamicBatching: true },
      repository,
    );
    const tandem = await TestServer.start(repository);
    try {
      const peer = await PeerServer.start();
      try {
        return await compare({
          [OURS]: { server: tandem, model: "tensorflow-tiny" },
          [PEERS[0] as string]: { server: peer, model: "tiny" },
          [PEERS[1] as string]: { server: peer, model: "tiny_batched" },
        });
      } finally {
        await peer.stop();
      }
    } finally {
      await tandem.stop();
    }
  },
};

async function compare(contestants: Record<string, Contestant>): Promise<Outcome> {
  await sameAnswer(
    Object.values(contestants).map(({ server, model }) => ({
      port: server.httpPort,
      request: request(model),
    })),
  );
  const rows: Row[] = [];
  const trials: Record<string, Record<string, ServerLoad[]>> = {};
  for (const connections of CONCURRENCIES) {
    const loads = await interleaved(contestants, connections);
    trials[connections] = loads;
    for (const [name, all] of Object.entries(loads))
      rows.push(row(name, connections, all, loads[OURS] ?? []));
  }
  return {
    facts: {
      model: "softmax(x·W), FP32 [1,16] to [1,4], TensorFlow SavedModel; equal answers checked first",
      "tandem's model": "one instance, max_batch_size 32, default dynamic batching",
      peer: "tritonserver 2.51 of nvidia-pytriton 0.7.0, one Python instance, max_batch_size 32, default dynamic batching",
      client: `one process, raw sockets with keep-alive, the same for all; ${ROUNDS} rounds, 2 s each`,
    },
    rows,
    trials,
  };
}

/** A B C A B C …: what disturbs the machine for a while disturbs all of a round alike. */
async function interleaved(
  contestants: Record<string, Contestant>,
  connections: number,
): Promise<Record<string, ServerLoad[]>> {
  const loads: Record<string, ServerLoad[]> = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, { server, model }] of Object.entries(contestants)) {
      const plan = {
        port: server.httpPort,
        request: request(model).toString("base64"),
        connections,
        warmUpSeconds: 0.5,
        seconds: 2,
      };
      loads[name] = [...(loads[name] ?? []), await loadServer(server.pid, plan)];
    }
  }
  return loads;
}

function request(model: string): Buffer {
  return inferRequest(model, "x", [1, 16], values);
}

function row(
  name: string,
  connections: number,
  all: readonly ServerLoad[],
  ours: readonly ServerLoad[],
): Row {
  const each = (pick: (load: ServerLoad) => number) => all.map(pick);
  const against = (pick: (load: ServerLoad) => number) =>
    name === OURS ? "" : rounded(ratio(ours.map(pick), all.map(pick)).median);
  return {
    connections,
    server: name,
    "requests/s": rounded(median(each((load) => load.perSecond))),
    "p50 µs": rounded(median(each((load) => load.p50))),
    "p99 µs": rounded(median(each((load) => load.p99))),
    "CPU µs/request": rounded(median(each((load) => load.cpuMicros))),
    "tandem's rate ×": against((load) => load.perSecond),
    "tandem's p99 ×": against((load) => load.p99),
    "tandem's CPU ×": against((load) => load.cpuMicros),
  };
}
