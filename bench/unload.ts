import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runPython } from "../test/support/python.js";
import { newRepository } from "./measure/bench-model.js";
import { type Bench, type Outcome, rounded } from "./measure/outcome.js";
import { runProcess } from "./measure/run-process.js";
import type { UnloadResult, UnloadTrial } from "./trials/unload.js";

const CYCLES = 50;
const MEGABYTES = 200;
const maker = fileURLToPath(new URL("../test/model/make-weights.py", import.meta.url));

/** V8's young generation at one size from the start: it would else grow once, at some time, and look like a leak. */
const FLAGS = ["--expose-gc", "--min-semi-space-size=16", "--max-semi-space-size=16"];

const PLACES = {
  "own process": { backend: "python", platform: "tensorflow_savedmodel" },
  "server's process": { parameters: { EXECUTION_PLAN: { string_value: "caller-thread" } } },
};

export const unload: Bench = {
  name: "unload",
  question: `How much memory is left of a SavedModel with ${MEGABYTES} MB of variables after ${CYCLES} times loading, one inference and closing?`,
  async run(): Promise<Outcome> {
    const path = join(newRepository(), "weights");
    mkdirSync(path);
    runPython(maker, [path, "4", String((MEGABYTES * 2 ** 20) / 4 / 4), "0"]);
    const rows = [];
    const trials: unknown[] = [];
    for (const [place, config] of Object.entries(PLACES)) {
      const plan: UnloadTrial = { path, config, cycles: CYCLES };
      const result = await runProcess<UnloadResult>("trials/unload.ts", plan, undefined, { flags: FLAGS });
      trials.push({ place, ...result });
      rows.push(row(place, result));
    }
    return {
      facts: {
        memory: "resident, of the program and its children",
        growth:
          "after the last cycle, above that after the first: what the program itself needs is there by then",
      },
      rows,
      trials,
    };
  },
};

function row(place: string, { closedMegabytes, loadedMegabytes, processesLeft }: UnloadResult) {
  const [start = 0, first = 0] = closedMegabytes;
  const last = closedMegabytes.at(-1) as number;
  return {
    "the model's place": place,
    "at first MB": rounded(start),
    "loaded MB": rounded(Math.max(...loadedMegabytes)),
    "closed, once MB": rounded(first),
    [`closed, ${CYCLES} times MB`]: rounded(last),
    "growth %": rounded((100 * (last - first)) / first),
    "processes left": processesLeft,
  };
}
