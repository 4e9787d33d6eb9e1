// One model twice, in this process and in one of its own, asked by turns. Argument and answer are JSON.
import { randomFloats } from "../../test/support/random.js";
import { type BenchModel, inputDims, inputName, modelDirectory } from "../measure/bench-model.js";
import { product } from "../measure/product.js";
import { median } from "../measure/statistics.js";

export interface IsolationTrial {
  readonly model: BenchModel;
  /** Callers that each wait for their answer before they ask again. */
  readonly inFlight: number;
  readonly rounds: number;
  readonly secondsPerRound: number;
}

/** Medians of each round, in microseconds, and answers per second. */
export interface IsolationResult {
  readonly inProcess: readonly IsolationRound[];
  readonly isolated: readonly IsolationRound[];
}

export interface IsolationRound {
  readonly p50Micros: number;
  readonly perSecond: number;
}

const { model, inFlight, rounds, secondsPerRound } = JSON.parse(process.argv[2] ?? "") as IsolationTrial;
const input = inputName(model.framework);
const length = inputDims(model).reduce((product, dim) => product * dim, 1);
const some = randomFloats(4096, 1);
const values = Float32Array.from({ length }, (_, i) => some[i % some.length] as number);

const inProcess = await product.load(modelDirectory(model));
const isolated = await product.load(modelDirectory({ ...model, isolated: true }));
const result = { inProcess: [] as IsolationRound[], isolated: [] as IsolationRound[] };
for (const loaded of [inProcess, isolated]) await measure(loaded, 0.5);
for (let round = 0; round < rounds; round++) {
  result.inProcess.push(await measure(inProcess, secondsPerRound));
  result.isolated.push(await measure(isolated, secondsPerRound));
}
await Promise.all([inProcess.close(), isolated.close()]);
process.stdout.write(`${JSON.stringify(result satisfies IsolationResult)}\n`);

async function measure(loaded: typeof inProcess, seconds: number): Promise<IsolationRound> {
  const latencies: number[] = [];
  const started = performance.now();
  const until = started + seconds * 1000;
  const caller = async () => {
    for (let last = started; last < until; ) {
      const asked = performance.now();
      await loaded.infer({ [input]: values });
      last = performance.now();
      latencies.push(last - asked);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  const perSecond = latencies.length / ((performance.now() - started) / 1000);
  return { p50Micros: median(latencies) * 1000, perSecond };
}
