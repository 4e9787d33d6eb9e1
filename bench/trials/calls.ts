// A model directory, loaded and called by so many callers at a time. Argument and answer are JSON.
import { randomFloats } from "../../test/support/random.js";
import { Histogram } from "../load/histogram.js";
import { product } from "../measure/product.js";

export interface CallsTrial {
  readonly directory: string;
  /** Its only input, of FP32, and the elements of a row. */
  readonly input: string;
  readonly length: number;
  /** Callers that each wait for their answer before they ask again. */
  readonly inFlight: number;
  readonly rounds: number;
  readonly secondsPerRound: number;
}

/** By round. */
export interface CallsResult {
  readonly perSecond: readonly number[];
  readonly p50Micros: readonly number[];
  readonly p99Micros: readonly number[];
}

const trial = JSON.parse(process.argv[2] ?? "") as CallsTrial;
const model = await product.load(trial.directory);
const values = randomFloats(trial.length, 1);
const result = { perSecond: [] as number[], p50Micros: [] as number[], p99Micros: [] as number[] };
await measure(0.5);
for (let round = 0; round < trial.rounds; round++) {
  const { latencies, seconds } = await measure(trial.secondsPerRound);
  result.perSecond.push(latencies.total / seconds);
  result.p50Micros.push(latencies.quantile(0.5));
  result.p99Micros.push(latencies.quantile(0.99));
}
await model.close();
process.stdout.write(`${JSON.stringify(result satisfies CallsResult)}\n`);

async function measure(seconds: number) {
  const latencies = new Histogram();
  const started = performance.now();
  const until = started + seconds * 1000;
  const caller = async () => {
    for (let last = started; last < until; ) {
      const asked = performance.now();
      await model.infer({ [trial.input]: values });
      last = performance.now();
      latencies.add((last - asked) * 1000);
    }
  };
  await Promise.all(Array.from({ length: trial.inFlight }, caller));
  return { latencies, seconds: (performance.now() - started) / 1000 };
}
