import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { randomFloats } from "../test/support/random.js";
import { TestServer } from "../test/support/server.js";
import { inferRequest } from "./load/infer-request.js";
import { modelDirectory, newRepository } from "./measure/bench-model.js";
import { loadServer, type ServerLoad } from "./measure/load.js";
import { type Bench, type Outcome, rounded } from "./measure/outcome.js";
import { median, ratio } from "./measure/statistics.js";
import type { FloorKind } from "./trials/floor-server.js";

const ROUNDS = 3;
const KINDS: readonly FloorKind[] = ["fastify", "node:http", "node:net"];

export const httpFloor: Bench = {
  name: "http-floor",
  question: "How much of a small request's cost is HTTP itself? Tandem against servers that infer nothing.",
  async run(): Promise<Outcome> {
    const repository = newRepository();
    modelDirectory(
      { framework: "tensorflow", network: "tiny", maxBatchSize: 32, dynamicBatching: true },
      repository,
    );
    const tandem = await TestServer.start(repository);
    const floors = await Promise.all(KINDS.map(startFloor));
    try {
      const servers = [{ name: "tandem", port: tandem.httpPort, pid: tandem.pid }, ...floors];
      const loads = servers.map((): ServerLoad[] => []);
      for (let round = 0; round < ROUNDS; round++) {
        for (const [i, { port, pid }] of servers.entries()) loads[i]?.push(await load(port, pid));
      }
      const rate = ({ perSecond }: ServerLoad) => perSecond;
      const cpu = ({ cpuMicros }: ServerLoad) => cpuMicros;
      const rows = servers.map(({ name }, i) => {
        const [own, ours] = [loads[i] ?? [], loads[0] ?? []];
        return {
          server: name,
          "requests/s": rounded(median(own.map(rate))),
          "CPU µs/request": rounded(median(own.map(cpu))),
          "tandem's CPU ×": name === "tandem" ? "" : rounded(ratio(ours.map(cpu), own.map(cpu)).median),
        };
      });
      const facts = {
        client: `8 connections, ${ROUNDS} rounds, 2 s each`,
        request: "64 bytes of tensor in, 16 out",
      };
      return { facts, rows, trials: Object.fromEntries(servers.map(({ name }, i) => [name, loads[i]])) };
    } finally {
      for (const { child } of floors) child.kill();
      await tandem.stop();
    }
  },
};

async function startFloor(kind: FloorKind) {
  const script = fileURLToPath(new URL("trials/floor-server.ts", import.meta.url));
  const child: ChildProcess = spawn(process.execPath, ["--import", "tsx", script, kind], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [port] = await once(child.stdout as NodeJS.ReadableStream, "data");
  return { name: `${kind}, nothing behind it`, port: Number(port), pid: child.pid as number, child };
}

function load(port: number, pid: number): Promise<ServerLoad> {
  const request = inferRequest("tensorflow-tiny", "x", [1, 16], randomFloats(16, 1)).toString("base64");
  return loadServer(pid, { port, request, connections: 8, warmUpSeconds: 0.5, seconds: 2 });
}
