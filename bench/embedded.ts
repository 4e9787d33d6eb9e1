import { type BenchModel, type Framework, inputDims, type Network } from "./measure/bench-model.js";
import { type Bench, type Outcome, type Row, rounded } from "./measure/outcome.js";
import { buildRawLoops, type RawLoopResult, rawLoop } from "./measure/raw-loop.js";
import { runProcess } from "./measure/run-process.js";
import { median, ratio } from "./measure/statistics.js";
import type { EmbeddedResult, EmbeddedTrial } from "./trials/embedded.js";

/** A model, requests of `rows`, and how many of them are in flight; the raw loop has always one. */
interface Setting {
  readonly framework: Framework;
  readonly network: Network;
  readonly rows: number;
  readonly inFlight: readonly number[];
  readonly dynamicBatching: boolean;
  readonly rounds: number;
  readonly seconds: number;
}

const SETTINGS: readonly Setting[] = (["tensorflow", "torch"] as const).flatMap((framework) => {
  const plain = { framework, inFlight: [1, 8], dynamicBatching: false, rounds: 5, seconds: 0.5 };
  return [
    { ...plain, network: "tiny", rows: 1 },
    { ...plain, network: "tiny", rows: 1, inFlight: [32], dynamicBatching: true },
    { ...plain, network: "tiny", rows: 8 },
    { ...plain, network: "mlp", rows: 1 },
    { ...plain, network: "mlp", rows: 8 },
    { ...plain, network: "resnet50", rows: 1, rounds: 3, seconds: 1.5 },
    { ...plain, network: "resnet50", rows: 8, rounds: 2, seconds: 2 },
  ] satisfies Setting[];
});

export const embedded: Bench = {
  name: "embedded",
  question:
    "What does an embedded infer() cost over calling the engine from C++ in a loop, one call at a time?",
  async run(): Promise<Outcome> {
    buildRawLoops();
    const rows: Row[] = [];
    const trials: unknown[] = [];
    for (const setting of SETTINGS) {
      process.stderr.write(`  ${setting.framework} ${setting.network}, ${setting.rows} rows\n`);
      const { raw, ours } = await interleaved(setting);
      trials.push({ setting, raw, ours });
      setting.inFlight.forEach((inFlight, i) => {
        rows.push(
          row(
            setting,
            inFlight,
            raw,
            ours.map((results) => results[i] as EmbeddedResult),
          ),
        );
      });
    }
    return {
      facts: {
        "raw loop": "C++, the same session and run options, inputs made once, outputs freed; no Node.js",
        "in flight":
          "callers that each wait for their answer; without batching a model runs one request at a time",
        added: "median time of a call above the raw loop's, at one in flight",
      },
      rows,
      trials,
    };
  },
};

async function interleaved(setting: Setting): Promise<{ raw: RawLoopResult[]; ours: EmbeddedResult[][] }> {
  const { framework, network, rows, inFlight, dynamicBatching, seconds } = setting;
  const model: BenchModel = {
    framework,
    network,
    maxBatchSize: dynamicBatching ? 32 : rows,
    dynamicBatching,
  };
  const shape = [rows, ...inputDims(model)];
  const raw: RawLoopResult[] = [];
  const ours: EmbeddedResult[][] = [];
  for (let round = 0; round < setting.rounds; round++) {
    raw.push(rawLoop({ framework, network, shape, seconds }));
    const trial: EmbeddedTrial = { model, rows, inFlight, seconds };
    const { results } = await runProcess<{ results: EmbeddedResult[] }>("trials/embedded.ts", trial);
    ours.push(results);
  }
  return { raw, ours };
}

function row(
  { framework, network, rows, dynamicBatching }: Setting,
  inFlight: number,
  raw: readonly RawLoopResult[],
  ours: readonly EmbeddedResult[],
): Row {
  const rawRates = raw.map(({ calls, seconds }) => calls / seconds);
  const rates = ours.map(({ perSecond }) => perSecond);
  const against = ratio(rates, rawRates);
  const added = median(
    ours.map(({ p50Micros }, round) => p50Micros - (raw[round] as RawLoopResult).median_us),
  );
  return {
    engine: framework,
    model: network,
    rows,
    "in flight": inFlight,
    batching: dynamicBatching ? "dynamic" : "off",
    "raw µs": rounded(median(raw.map(({ median_us }) => median_us))),
    "raw calls/s": rounded(median(rawRates)),
    "infer() calls/s": rounded(median(rates)),
    ratio: rounded(against.median),
    "of rounds": `${rounded(against.min)}–${rounded(against.max)}`,
    "added µs": inFlight === 1 ? rounded(added) : "",
  };
}
