import { type BenchModel, madeModels, type Network } from "./measure/bench-model.js";
import { type Bench, type Outcome, type Row, rounded } from "./measure/outcome.js";
import { runProcess } from "./measure/run-process.js";
import { median, ratio } from "./measure/statistics.js";
import type { EmbeddedResult, EmbeddedTrial } from "./trials/embedded.js";

const ROUNDS = 5;
const SETTINGS: readonly { network: Network; rows: number }[] = [
  { network: "tiny", rows: 1 },
  { network: "tiny", rows: 16 },
  { network: "mlp", rows: 1 },
  { network: "mlp", rows: 16 },
  { network: "conv", rows: 1 },
  { network: "conv", rows: 16 },
];
/** Callers that each wait for their answer. */
const IN_FLIGHT = [1, 8];

export const aoti: Bench = {
  name: "aoti",
  question: "How fast is a module as an AOTInductor package, against the same module as TorchScript?",
  async run(): Promise<Outcome> {
    madeModels("aoti");
    const rows: Row[] = [];
    const trials: unknown[] = [];
    for (const setting of SETTINGS) {
      process.stderr.write(`  ${setting.network}, ${setting.rows} rows\n`);
      const torch: EmbeddedResult[][] = [];
      const compiled: EmbeddedResult[][] = [];
      for (let round = 0; round < ROUNDS; round++) {
        torch.push(await measured("torch", setting));
        compiled.push(await measured("aoti", setting));
      }
      trials.push({ setting, torch, compiled });
      IN_FLIGHT.forEach((inFlight, i) => {
        rows.push(row(setting, inFlight, at(torch, i), at(compiled, i)));
      });
    }
    return {
      facts: {
        both: "infer() of the embedding API, one instance, no batching, one thread, a process for each trial",
        "in flight": "callers that each wait for their answer",
      },
      rows,
      trials,
    };
  },
};

async function measured(
  framework: "torch" | "aoti",
  { network, rows }: (typeof SETTINGS)[number],
): Promise<EmbeddedResult[]> {
  const model: BenchModel = { framework, network, maxBatchSize: rows, dynamicBatching: false };
  const trial: EmbeddedTrial = { model, rows, inFlight: IN_FLIGHT, seconds: 0.5 };
  const { results } = await runProcess<{ results: EmbeddedResult[] }>(
    "trials/embedded.ts",
    trial,
    undefined,
    // Threads of one operation wait for each other: what else runs on the machine would decide.
    { env: { OMP_NUM_THREADS: "1" } },
  );
  return results;
}

function at(rounds: readonly EmbeddedResult[][], i: number): EmbeddedResult[] {
  return rounds.map((results) => results[i] as EmbeddedResult);
}

function row(
  { network, rows }: (typeof SETTINGS)[number],
  inFlight: number,
  torch: readonly EmbeddedResult[],
  compiled: readonly EmbeddedResult[],
): Row {
  const rates = (results: readonly EmbeddedResult[]) => results.map(({ perSecond }) => perSecond);
  const gain = ratio(rates(compiled), rates(torch));
  return {
    model: network,
    rows,
    "in flight": inFlight,
    "TorchScript µs": rounded(median(torch.map(({ p50Micros }) => p50Micros))),
    "package µs": rounded(median(compiled.map(({ p50Micros }) => p50Micros))),
    "TorchScript calls/s": rounded(median(rates(torch))),
    "package calls/s": rounded(median(rates(compiled))),
    "times as fast": rounded(gain.median),
    "of rounds": `${rounded(gain.min)}–${rounded(gain.max)}`,
  };
}
