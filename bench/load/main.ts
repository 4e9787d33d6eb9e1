// A closed loop of requests over keep-alive connections, in a process of its own. Argument and answer are JSON.
import { connect } from "node:net";
import { Histogram } from "./histogram.js";
import { ResponseReader } from "./response-reader.js";

/** What to send: `request` is base64, the same bytes every time. */
export interface LoadPlan {
  readonly port: number;
  readonly request: string;
  readonly connections: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/** What came of it; latencies in microseconds, `requests` and `failed` of the measured time only. */
export interface LoadResult {
  readonly requests: number;
  readonly failed: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

const plan = JSON.parse(process.argv[2] ?? "") as LoadPlan;
const request = Buffer.from(plan.request, "base64");
let latencies = new Histogram();
let failed = 0;
let stopped = false;

function openConnection(): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: plan.port, host: "127.0.0.1", noDelay: true });
    let sentAt = 0;
    const send = () => {
      sentAt = performance.now();
      socket.write(request);
    };
    const reader = new ResponseReader((status) => {
      latencies.add((performance.now() - sentAt) * 1000);
      if (status !== 200) failed++;
      if (stopped) socket.destroy();
      else send();
    });
    socket.on("data", (chunk: Buffer) => reader.read(chunk));
    socket.on("error", reject);
    socket.on("close", () => {
      if (!stopped) throw new Error("the server closed a connection");
    });
    socket.on("connect", () => resolve(send));
  });
}

const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

const starts = await Promise.all(Array.from({ length: plan.connections }, openConnection));
for (const start of starts) start();
await wait(plan.warmUpSeconds);
process.stdout.write("measuring\n");
latencies = new Histogram();
failed = 0;
const started = performance.now();
await wait(plan.seconds);
const seconds = (performance.now() - started) / 1000;
stopped = true;
const result: LoadResult = {
  requests: latencies.total,
  failed,
  seconds,
  perSecond: latencies.total / seconds,
  p50: latencies.quantile(0.5),
  p99: latencies.quantile(0.99),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
