// One model in a process of its own, called by so many callers at a time. Argument and answer are JSON.
import { randomFloats } from "../../test/support/random.js";
import { type BenchModel, inputDims, inputName, modelDirectory } from "../measure/bench-model.js";
import { product } from "../measure/product.js";
import { median } from "../measure/statistics.js";

export interface EmbeddedTrial {
  readonly model: BenchModel;
  /** Rows of each request. */
  readonly rows: number;
  /** Callers that each wait for their answer before they ask again; measured one after another. */
  readonly inFlight: readonly number[];
  readonly seconds: number;
}

export interface EmbeddedResult {
  readonly perSecond: number;
  readonly p50Micros: number;
  /** Requests per execution, on average. */
  readonly batch: number;
}

const trial = JSON.parse(process.argv[2] ?? "") as EmbeddedTrial;
const model = await product.load(modelDirectory(trial.model));
const input = inputName(trial.model.framework);
const shape = [trial.rows, ...inputDims(trial.model)];
const length = shape.reduce((product, dim) => product * dim, 1);

const results: EmbeddedResult[] = [];
for (const inFlight of trial.inFlight) {
  const inputs = Array.from({ length: inFlight }, (_, caller) =>
    randomFloats(Math.min(length, 65536), caller),
  );
  const values = inputs.map((some) =>
    Float32Array.from({ length }, (_, i) => some[i % some.length] as number),
  );
  // Long calls are warmed up by one caller: the others would only stand in its queue.
  await measure(trial.seconds > 1 ? values.slice(0, 1) : values, 0.3);
  results.push(await measure(values, trial.seconds));
}
await model.close();
process.stdout.write(`${JSON.stringify({ results })}\n`);

/** Each caller asks until the time is over, and three times at least among them. */
async function measure(values: readonly Float32Array[], seconds: number): Promise<EmbeddedResult> {
  const latencies: number[] = [];
  const statistics = { ...model.statistics };
  const started = performance.now();
  const until = started + seconds * 1000;
  let last = started;
  const caller = async (data: Float32Array) => {
    while (last < until || latencies.length < 3) {
      const asked = performance.now();
      await model.infer({ [input]: data });
      last = performance.now();
      latencies.push(last - asked);
    }
  };
  await Promise.all(values.map(caller));
  const { inferenceCount, executionCount } = model.statistics;
  const executions = executionCount - statistics.executionCount;
  return {
    perSecond: latencies.length / ((last - started) / 1000),
    p50Micros: median(latencies) * 1000,
    batch: (inferenceCount - statistics.inferenceCount) / trial.rows / executions,
  };
}
