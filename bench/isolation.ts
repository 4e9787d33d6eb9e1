import type { Framework, Network } from "./measure/bench-model.js";
import { type Bench, type Outcome, type Row, rounded } from "./measure/outcome.js";
import { runProcess } from "./measure/run-process.js";
import { median, ratio } from "./measure/statistics.js";
import type { IsolationResult, IsolationRound, IsolationTrial } from "./trials/isolation.js";

const ROUNDS = 9;

/** What goes over: as good as nothing, or as much as an image. */
const NETWORKS: Readonly<Record<string, Network>> = { "64 B / 16 B": "tiny", "600 KB / 4 KB": "first" };

export const isolation: Bench = {
  name: "isolation",
  question: "What does a process of its own cost a model, against the same model in the server's process?",
  async run(): Promise<Outcome> {
    const rows: Row[] = [];
    const trials: unknown[] = [];
    for (const framework of ["tensorflow", "torch"] as const) {
      for (const [size, network] of Object.entries(NETWORKS)) {
        for (const inFlight of [1, 32]) {
          process.stderr.write(`  ${framework} ${network}, ${inFlight} in flight\n`);
          const result = await measured(framework, network, inFlight);
          trials.push({ framework, network, inFlight, ...result });
          rows.push(row(framework, size, inFlight, result));
        }
      }
    }
    return {
      facts: {
        model: "in one program, once with ISOLATION=process: asked by turns, 0.5 s each",
        "in flight": "callers that each wait for their answer; at 32 requests are batched",
        added: "to the median time of a call; the median of the rounds' differences",
      },
      rows,
      trials,
    };
  },
};

function measured(framework: Framework, network: Network, inFlight: number): Promise<IsolationResult> {
  const trial: IsolationTrial = {
    model: { framework, network, maxBatchSize: inFlight, dynamicBatching: inFlight > 1 },
    inFlight,
    rounds: ROUNDS,
    secondsPerRound: 0.5,
  };
  return runProcess<IsolationResult>("trials/isolation.ts", trial);
}

function row(framework: Framework, size: string, inFlight: number, result: IsolationResult): Row {
  const { inProcess, isolated } = result;
  const added = isolated.map(
    ({ p50Micros }, round) => p50Micros - (inProcess[round] as IsolationRound).p50Micros,
  );
  const rates = ratio(
    isolated.map(({ perSecond }) => perSecond),
    inProcess.map(({ perSecond }) => perSecond),
  );
  return {
    engine: framework,
    "in / out": size,
    "in flight": inFlight,
    "in process µs": rounded(median(inProcess.map(({ p50Micros }) => p50Micros))),
    "own process µs": rounded(median(isolated.map(({ p50Micros }) => p50Micros))),
    "added µs": rounded(median(added)),
    "of rounds": `${rounded(Math.min(...added))}–${rounded(Math.max(...added))}`,
    "rate ×": rounded(rates.median),
  };
}
