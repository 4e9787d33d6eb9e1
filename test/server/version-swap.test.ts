import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { defaultEngines } from "../../src/model/default-engines.js";
import type { EngineLoader } from "../../src/model/engine-loader.js";
import { Repository } from "../../src/model/repository.js";
import { serve } from "../../src/server/serve.js";
import { threadCount } from "../engine/thread-count.js";
import { runPython } from "../support/python.js";

const SWAPS = 50;
const maker = fileURLToPath(new URL("make-versions.py", import.meta.url));

interface SentRequest {
  readonly body: Buffer;
  readonly headers: Record<string, string>;
  /** First element of the output. */
  readonly read: (body: Buffer, jsonLength: number) => number;
}

const json = (parameters: object) =>
  Buffer.from(
    JSON.stringify({
      inputs: [{ name: "x", datatype: "FP32", shape: [1, 2], ...parameters }],
    }),
  );
const plain = json({ data: [0, 0] });
const binaryJson = Buffer.from(
  JSON.stringify({
    inputs: [{ name: "x", datatype: "FP32", shape: [1, 2], parameters: { binary_data_size: 8 } }],
    outputs: [{ name: "y", parameters: { binary_data: true } }],
  }),
);
const readJson = (body: Buffer) => JSON.parse(body.toString()).outputs[0].data[0] as number;

/** As clients send them: JSON, compressed JSON, binary data. */
const kinds: readonly SentRequest[] = [
  { body: plain, headers: {}, read: readJson },
  { body: gzipSync(plain), headers: { "content-encoding": "gzip" }, read: readJson },
  {
    body: Buffer.concat([binaryJson, Buffer.alloc(8)]),
    headers: { "inference-header-content-length": `${binaryJson.length}` },
    read: (body, jsonLength) => body.readFloatLE(jsonLength),
  },
];

function post(port: number, agent: Agent, { body, headers, read }: SentRequest) {
  return new Promise<{ status: number; version: number; text: string }>((resolve, reject) => {
    const outgoing = request(
      { port, host: "127.0.0.1", path: "/v2/models/m/infer", method: "POST", agent, headers },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          const answer = Buffer.concat(chunks);
          const jsonLength = Number(incoming.headers["inference-header-content-length"] ?? 0);
          const status = incoming.statusCode as number;
          const version = status === 200 ? read(answer, jsonLength) : Number.NaN;
          resolve({ status, version, text: answer.toString() });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** TensorFlow's models, and how many of them are open. */
function countingEngine() {
  const counts = { opened: 0, closed: 0 };
  const load: EngineLoader = async (loadRequest) => {
    const engine = await (defaultEngines.tensorflow as EngineLoader)(loadRequest);
    counts.opened++;
    const close = engine.close.bind(engine);
    engine.close = async () => {
      await close();
      counts.closed++;
    };
    return engine;
  };
  return { load, counts };
}

test(`no request fails while versions are swapped ${SWAPS} times under load`, async () => {
  const directory = mkdtempSync(join(tmpdir(), "tandem-swaps-"));
  const versions = join(directory, "versions");
  const model = join(directory, "models", "m");
  runPython(maker, [versions, String(SWAPS + 1)]);
  mkdirSync(model, { recursive: true });
  writeFileSync(
    join(model, "config.pbtxt"),
    // One plan for all, so that each version has as many threads as the others.
    `max_batch_size: 8 dynamic_batching { } instance_group { count: 2 kind: KIND_CPU }
     parameters { key: "EXECUTION_PLAN" value { string_value: "caller-thread" } }`,
  );
  renameSync(join(versions, "1"), join(model, "1"));

  const { load, counts } = countingEngine();
  const repository = new Repository(join(directory, "models"), { engines: { tensorflow: load } });
  assert.equal(await repository.load(), []);
  const server = await serve(repository, { httpAddress: "127.0.0.1", httpPort: 0, allowMetrics: false });
  const port = server.httpPort as number;

  let stopped = false;
  let answered = 0;
  const faults: string[] = [];
  const client = async (kind: SentRequest, agent: Agent) => {
    while (!stopped) {
      const earliest = repository.model("m").version;
      const { status, version, text } = await post(port, agent, kind);
      const latest = repository.model("m").version;
      if (status !== 200) faults.push(`status ${status}: ${text}`);
      // What is asked for at a time must come from a version that was READY then or has become so since.
      else if (version < earliest || version > latest)
        faults.push(`${version}, not ${earliest} to ${latest}`);
      answered++;
    }
  };
  const agents = kinds.flatMap((kind) =>
    [new Agent({ keepAlive: true, maxSockets: 1 }), new Agent({ keepAlive: false })].map((agent) => ({
      kind,
      agent,
    })),
  );
  const clients = agents.map(({ kind, agent }) => client(kind, agent));
  const answeredMore = async (count: number) => {
    for (const until = answered + count; answered < until; ) await sleep(1);
  };

  try {
    await answeredMore(100);
    const threads = threadCount();
    for (let version = 2; version <= SWAPS + 1; version++) {
      renameSync(join(versions, String(version)), join(model, String(version)));
      await repository.loadModel("m");
      rmSync(join(model, String(version - 1)), { recursive: true });
      await answeredMore(12);
    }
    // A thread that has ended is seen a little longer.
    for (let turn = 0; turn < 100 && threadCount() > threads; turn++) await sleep(20);
    assert.ok(threadCount() <= threads, `${threadCount()} threads, before ${threads}`);
    assert.is(repository.model("m").version, SWAPS + 1);
    const rows = repository.index().map(({ version, state, reason }) => `${version} ${state} ${reason}`);
    const old = Array.from({ length: SWAPS }, (_, i) => `${i + 1} UNAVAILABLE unloaded`);
    assert.equal(rows, [...old, `${SWAPS + 1} READY `]);
    assert.equal(counts, { opened: SWAPS + 1, closed: SWAPS });
  } finally {
    stopped = true;
    await Promise.all(clients);
    for (const { agent } of agents) agent.destroy();
    await server.close();
    rmSync(directory, { recursive: true });
  }
  assert.equal(faults, []);
  assert.is(counts.closed, SWAPS + 1);
});

test.run();
