import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runPython } from "../test/support/python.js";
import { type Framework, modelDirectory, newRepository } from "./measure/bench-model.js";
import { type Bench, type Outcome, type Row, rounded } from "./measure/outcome.js";
import { runProcess } from "./measure/run-process.js";
import { median, ratio } from "./measure/statistics.js";
import type { ReloadPart, ReloadRound, ReloadTrial } from "./trials/reload.js";

const ROUNDS = 5;
const SECONDS = 6;

const weightsMaker = fileURLToPath(new URL("../test/model/make-weights.py", import.meta.url));
const VARIABLES = 4;
const MEGABYTES = 200;

interface Variant {
  readonly engine: Framework;
  readonly model: "look-up" | "resnet50";
  readonly rate: number;
}

const VARIANTS: readonly Variant[] = [
  { engine: "tensorflow", model: "look-up", rate: 200 },
  { engine: "tensorflow", model: "resnet50", rate: 2 },
  { engine: "torch", model: "resnet50", rate: 2 },
];

export const reload: Bench = {
  name: "reload",
  question: "What do requests feel while new versions of their model load, again and again?",
  async run(): Promise<Outcome> {
    const rows: Row[] = [];
    const trials: unknown[] = [];
    for (const { engine, model, rate } of VARIANTS) {
      const directory = model === "look-up" ? lookUpDirectory() : resnetDirectory(engine);
      const plan: ReloadTrial = { directory, rate, rounds: ROUNDS, seconds: SECONDS };
      const { rounds } = await runProcess<{ rounds: ReloadRound[] }>("trials/reload.ts", plan);
      trials.push({ engine, model, rate, rounds });
      rows.push({ engine, model, "requests/s": rate, ...comparison(rounds) });
    }
    return {
      facts: {
        models: `look-up: ${MEGABYTES} MB of weights, of which a request reads ${VARIABLES} numbers; resnet50: 100 MB`,
        loading:
          "the next version loads, takes over, the last is freed, and so on without a pause; its files are cached",
        latency:
          "from when a request was due, in the process that loads, to its answer; the median of the rounds",
      },
      rows,
      trials,
    };
  },
};

function resnetDirectory(framework: Framework): string {
  return modelDirectory({ framework, network: "resnet50", maxBatchSize: 1, dynamicBatching: false });
}

function lookUpDirectory(): string {
  const directory = join(newRepository(), "look-up");
  const elements = (MEGABYTES * 2 ** 20) / 4 / VARIABLES;
  const model = join(directory, "1", "model.savedmodel");
  runPython(weightsMaker, [model, `${VARIABLES}`, `${elements}`, "0"]);
  writeFileSync(join(directory, "config.pbtxt"), "instance_group [ { count: 1 kind: KIND_CPU } ]\n");
  return directory;
}

function comparison(rounds: readonly ReloadRound[]): Row {
  const idle = rounds.map((round) => round.idle);
  const loading = rounds.map((round) => round.loading);
  const p99 = ({ p99Micros }: ReloadPart) => p99Micros;
  const p50 = ({ p50Micros }: ReloadPart) => p50Micros;
  const loads = loading.flatMap(({ loadMillis }) => loadMillis);
  const ratios = ratio(loading.map(p99), idle.map(p99));
  const failed = [...idle, ...loading].reduce((sum, part) => sum + part.failed, 0);
  return {
    loads: loads.length,
    "load ms": rounded(median(loads)),
    failed,
    "idle p50 µs": rounded(median(idle.map(p50))),
    "loading p50 µs": rounded(median(loading.map(p50))),
    "idle p99 µs": rounded(median(idle.map(p99))),
    "loading p99 µs": rounded(median(loading.map(p99))),
    "p99 ×": rounded(ratios.median),
    "of rounds": `${rounded(ratios.min)}–${rounded(ratios.max)}`,
  };
}
