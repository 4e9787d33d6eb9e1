import { type Framework, inputDims, madeModels, type Network } from "./measure/bench-model.js";
import { type Bench, type Outcome, type Row, rounded } from "./measure/outcome.js";
import { buildRawLoops, type PlanLoopResult, planLoop } from "./measure/raw-loop.js";
import { median, ratio } from "./measure/statistics.js";

const ROUNDS = 7;
/** Models without batches, and with batches of up to 16. */
const BATCHES = [
  { rows: 1, calibrated: [1] },
  { rows: 1, calibrated: [1, 16] },
  { rows: 16, calibrated: [1, 16] },
] as const;
const SETTINGS: readonly { network: Network; seconds: number }[] = [
  { network: "tiny", seconds: 0.5 },
  { network: "mlp", seconds: 0.5 },
  { network: "conv", seconds: 0.5 },
  { network: "resnet50", seconds: 2 },
];

export const plans: Bench = {
  name: "plans",
  question: "How much faster is a model by the execution plan that Tandem measures at load?",
  async run(): Promise<Outcome> {
    buildRawLoops();
    const rows: Row[] = [];
    const trials: unknown[] = [];
    for (const framework of ["tensorflow", "torch"] as const) {
      madeModels(framework);
      for (const { network, seconds } of SETTINGS) {
        for (const batch of BATCHES) {
          process.stderr.write(
            `  ${framework} ${network}, ${batch.rows} rows, chosen for ${batch.calibrated}\n`,
          );
          const shape = [-1, ...inputDims({ framework, network, maxBatchSize: 16, dynamicBatching: false })];
          const result = planLoop({ framework, network, shape, ...batch, seconds, rounds: ROUNDS });
          trials.push({ framework, network, ...batch, ...result });
          rows.push(row(framework, network, batch, result));
        }
      }
    }
    return {
      facts: {
        plain:
          "an instance in C++ that calls TF_SessionRun with TensorFlow's default session options, or forward of the file's own " +
          "module with libtorch's default threads; one call at a time",
        chosen: "the same by the plan chosen; both in one process, in turns",
        "chosen for": "the batch sizes that were measured at load",
        load: "loading the model with all that is measured for the choice",
      },
      rows,
      trials,
    };
  },
};

function row(
  framework: Framework,
  network: Network,
  { rows, calibrated }: (typeof BATCHES)[number],
  result: PlanLoopResult,
): Row {
  const { plan, load_seconds, plain_us, chosen_us } = result;
  const gain = ratio(plain_us, chosen_us);
  return {
    engine: framework,
    model: network,
    "chosen for": calibrated.join(" and "),
    rows,
    plan,
    "plain µs": rounded(median(plain_us)),
    "chosen µs": rounded(median(chosen_us)),
    "times faster": rounded(gain.median),
    "of rounds": `${rounded(gain.min)}–${rounded(gain.max)}`,
    "load s": rounded(load_seconds),
  };
}
