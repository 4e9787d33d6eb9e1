import { type Bench, type Outcome, rounded } from "./measure/outcome.js";
import { runProcess } from "./measure/run-process.js";
import type { SoakResult, SoakTrial } from "./trials/soak.js";

const INFERENCES = 1_000_000;
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
        growth:
          "lowest resident memory in the last quarter of the work above the lowest in the second: a leak lifts it",
      },
      rows,
      trials,
    };
  },
};

/** @param rss at the start and after each fortieth of the work; the first quarter is warm-up */
function growth(rss: readonly number[]) {
  const early = Math.min(...rss.slice(11, 21));
  const late = Math.min(...rss.slice(-10));
  const percent = (100 * (late - early)) / early;
  return {
    "start MB": rounded(rss[0] as number),
    "early MB": Math.round(early * 10) / 10,
    "late MB": Math.round(late * 10) / 10,
    "growth %": Math.round(percent * 100) / 100,
    flat: percent < 1 ? "yes" : "NO",
  };
}
