import type { BenchModel } from "./measure/bench-model.js";
import { type Bench, type Outcome, type Row, rounded } from "./measure/outcome.js";
import { runProcess } from "./measure/run-process.js";
import { median, ratio } from "./measure/statistics.js";
import type { EmbeddedResult, EmbeddedTrial } from "./trials/embedded.js";

const ROUNDS = 5;
const IN_FLIGHT = 32;

export const batching: Bench = {
  name: "batching",
  question: `What does dynamic batching win, or cost, with ${IN_FLIGHT} embedded callers of one row each?`,
  async run(): Promise<Outcome> {
    const rows: Row[] = [];
    const trials: unknown[] = [];
    for (const framework of ["tensorflow", "torch"] as const) {
      for (const network of ["mlp", "conv"] as const) {
        const on: EmbeddedResult[] = [];
        const off: EmbeddedResult[] = [];
        for (let round = 0; round < ROUNDS; round++) {
          on.push(await trial({ framework, network, maxBatchSize: 32, dynamicBatching: true }));
          off.push(await trial({ framework, network, maxBatchSize: 1, dynamicBatching: false }));
        }
        trials.push({ framework, network, on, off });
        rows.push({ engine: framework, model: network, ...comparison(on, off) });
      }
    }
    return {
      facts: {
        on: "max_batch_size 32, dynamic_batching { }: whatever waits when the instance becomes free",
        off: "max_batch_size 1: one request per execution",
        instances: "one",
      },
      rows,
      trials,
    };
  },
};

async function trial(model: BenchModel): Promise<EmbeddedResult> {
  const plan: EmbeddedTrial = { model, rows: 1, inFlight: [IN_FLIGHT], seconds: 1 };
  const { results } = await runProcess<{ results: [EmbeddedResult] }>("trials/embedded.ts", plan);
  return results[0];
}

function comparison(on: readonly EmbeddedResult[], off: readonly EmbeddedResult[]): Row {
  const rate = ({ perSecond }: EmbeddedResult) => perSecond;
  const latency = ({ p50Micros }: EmbeddedResult) => p50Micros;
  const rates = ratio(on.map(rate), off.map(rate));
  return {
    "off calls/s": rounded(median(off.map(rate))),
    "on calls/s": rounded(median(on.map(rate))),
    ratio: rounded(rates.median),
    "of rounds": `${rounded(rates.min)}–${rounded(rates.max)}`,
    "off p50 µs": rounded(median(off.map(latency))),
    "on p50 µs": rounded(median(on.map(latency))),
    "requests per batch": rounded(median(on.map(({ batch }) => batch))),
  };
}
