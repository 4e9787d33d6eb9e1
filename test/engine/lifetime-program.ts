/** The programs that lifetime.test.ts runs in processes of their own: `lifetime-program.ts SCENARIO FIXTURE`. */
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import type { InferenceRequest } from "../../src/inference/request.js";
import { Repository } from "../../src/model/repository.js";
import { fixture, fixtureCases } from "../support/fixtures.js";

const [scenario, name] = isMainThread
  ? (process.argv.slice(2) as [string, string])
  : (workerData as [string, string]);

async function open(): Promise<Repository> {
  const repository = new Repository(dirname(fixture(name)), { models: [name] });
  const [failure] = await repository.load();
  if (failure) throw new Error(failure.reason);
  return repository;
}

function request(): InferenceRequest {
  return { id: "", inputs: fixtureCases(name)[0]!.inputs };
}

function start(repository: Repository, count: number): Promise<PromiseSettledResult<unknown>[]> {
  const model = repository.model(name);
  const one = request();
  return Promise.allSettled(Array.from({ length: count }, () => model.infer(one)));
}

const scenarios: Record<string, () => Promise<void>> = {
  /** process.exit() while instances run and more is queued. */
  async exit() {
    start(await open(), 100);
    await delay(20);
    process.exit(7);
  },

  /** The program simply ends, with its models open. */
  async end() {
    await start(await open(), 10);
  },

  /** An uncaught exception while instances run. */
  async throw() {
    start(await open(), 100);
    throw new Error("of the program");
  },

  /** Nothing but an answer that is awaited keeps the process alive. */
  async await() {
    const outcomes = await start(await open(), 3);
    process.stdout.write(outcomes.map(({ status }) => status).join(" "));
  },

  /** Workers are terminated while their models run, or end with models open. */
  async workers() {
    for (let i = 0; i < 6; i++) {
      const worker = new Worker(
        `import("tsx/esm/api").then(({ register }) => { register(); return import(${JSON.stringify(fileURLToPath(import.meta.url))}); })`,
        { eval: true, workerData: ["inWorker", name] },
      );
      const ended = new Promise((resolve) => worker.once("exit", resolve));
      await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
      if (i % 2 === 0) await worker.terminate();
      await ended;
    }
    await start(await open(), 3);
  },

  async inWorker() {
    const repository = await open();
    await start(repository, 1);
    start(repository, 50);
    parentPort?.postMessage("running");
  },

  /** Models that nobody closes are freed all the same, and so are outputs that outlive them. */
  async collect() {
    const outputs: unknown[] = [];
    for (let i = 0; i < 20; i++) {
      outputs.push(await start(await open(), 2));
      globalThis.gc?.();
      await delay(5);
    }
    outputs.length = 0;
    globalThis.gc?.();
    await delay(50);
  },
};

await scenarios[scenario]!();
