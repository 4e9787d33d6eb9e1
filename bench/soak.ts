import { type Bench, type Outcome, rounded } from "./measure/outcome.js";
import { runProcess } from "./measure/run-process.js";
import { median } from "./measure/statistics.js";
import type { SoakResult, SoakTrial } from "./trials/soak.js";

const INFERENCES = 200_000;
const CYCLES = 100;

/**
 * V8's young generation at one size from the start: it would else grow once, at some time, and look like a leak.
 * For loading also with glibc's threshold for mapping memory fixed, which tells a leak from a fragmented heap.
 */
const FLAGS = ["--expose-gc", "--min-semi-space-size=16", "--max-semi-space-size=16"];
const VARIANTS = [
  { work: "infer", count: INFERENCES, env: {} },
  { work: "load", count: CYCLES, env: {} },
  { work: "load", count: CYCLES, env: { MALLOC_MMAP_THRESHOLD_: "1048576" } },
] as const;

export const soak: Bench = {
  name: "soak",
  question: `Does memory stay flat over ${INFERENCES} inferences and ${CYCLES} times loading and closing a model?`,
  async run(): Promise<Outcome> {
    const rows = [];
    const trials: unknown[] = [];
    for (const framework of ["tensorflow", "torch"] as const) {
      for (const { work, count, env } of VARIANTS) {
        const plan: SoakTrial = { framework, work, count };
        const options = { flags: FLAGS, env };
        const { rssMegabytes, seconds } = await runProcess<SoakResult>(
          "trials/soak.ts",
          plan,
          undefined,
          options,
        );
        trials.push({ ...plan, env, rssMegabytes });
        const malloc = Object.keys(env).length > 0 ? "fixed threshold" : "as it is";
        rows.push({
          engine: framework,
          work,
          times: count,
          malloc,
          "took s": rounded(seconds),
          ...growth(rssMegabytes),
        });
      }
    }
    return {
      facts: {
        infer: "tiny model, 32 in flight, dynamic batching; outputs of 16 bytes, each fiftieth of 32 KB",
        load: "load, one inference, close; a multilayer perceptron of 17 MB",
        growth: "resident memory over the last fifth of the work above that over the second fifth, medians",
      },
      rows,
      trials,
    };
  },
};

/** @param rss at the start and after each twentieth of the work; the first fifth is warm-up */
function growth(rss: readonly number[]) {
  const early = median(rss.slice(5, 9));
  const late = median(rss.slice(-4));
  const percent = (100 * (late - early)) / early;
  return {
    "start MB": rounded(rss[0] as number),
    "early MB": Math.round(early * 10) / 10,
    "late MB": Math.round(late * 10) / 10,
    "growth %": Math.round(percent * 100) / 100,
    flat: percent < 1 ? "yes" : "NO",
  };
}
