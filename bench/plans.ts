import { type Framework, inputDims, madeModels, type Network } from "./measure/bench-model.js";
import { type Bench, type Outcome, type Row, rounded } from "./measure/outcome.js";
import { buildRawLoops, type PlanLoopResult, planLoop } from "./measure/raw-loop.js";
import { median, ratio } from "./measure/statistics.js";

const ROUNDS = 7;
const framework: Framework = "tensorflow";
const SETTINGS: readonly { network: Network; rows: readonly number[]; seconds: number }[] = [
  { network: "tiny", rows: [1, 16], seconds: 0.5 },
  { network: "mlp", rows: [1, 16], seconds: 0.5 },
  { network: "conv", rows: [1, 16], seconds: 0.5 },
  { network: "resnet50", rows: [1], seconds: 2 },
];

export const plans: Bench = {
  name: "plans",
  question: "How much faster is a TensorFlow model by the execution plan that Tandem measures at load?",
  async run(): Promise<Outcome> {
    buildRawLoops();
    madeModels(framework);
    const rows: Row[] = [];
    const trials: unknown[] = [];
    for (const { network, rows: batches, seconds } of SETTINGS) {
      for (const batch of batches) {
        process.stderr.write(`  ${network}, ${batch} rows\n`);
        const shape = [-1, ...inputDims({ framework, network, maxBatchSize: 16, dynamicBatching: false })];
        const result = planLoop({ network, shape, rows: batch, seconds, rounds: ROUNDS });
        trials.push({ network, batch, ...result });
        rows.push(row(network, batch, result));
      }
    }
    return {
      facts: {
        plain: "TF_SessionRun from C++ with TensorFlow's default session options, one call at a time",
        chosen: "the same by the plan chosen; both sessions in one process, in turns",
        load: "loading the model with all that is measured for the choice, for batches of 1 and 16",
      },
      rows,
      trials,
    };
  },
};

function row(network: Network, batch: number, result: PlanLoopResult): Row {
  const { plan, load_seconds, plain_us, chosen_us } = result;
  const gain = ratio(plain_us, chosen_us);
  return {
    model: network,
    rows: batch,
    plan,
    "plain µs": rounded(median(plain_us)),
    "chosen µs": rounded(median(chosen_us)),
    "times faster": rounded(gain.median),
    "of rounds": `${rounded(gain.min)}–${rounded(gain.max)}`,
    "load s": rounded(load_seconds),
  };
}
