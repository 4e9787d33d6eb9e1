import { type Bench, type Outcome, rounded } from "./measure/outcome.js";
import { runProcess } from "./measure/run-process.js";
import type { SoakResult, SoakTrial } from "./trials/soak.js";

const INFERENCES = 200_000;
const CYCLES = 100;

export const soak: Bench = {
  name: "soak",
  question: `Does memory stay flat over ${INFERENCES} inferences and ${CYCLES} times loading and closing a model?`,
  async run(): Promise<Outcome> {
    const rows = [];
    const trials: unknown[] = [];
    for (const framework of ["tensorflow", "torch"] as const) {
      for (const work of ["infer", "load"] as const) {
        const plan: SoakTrial = { framework, work, count: work === "infer" ? INFERENCES : CYCLES };
        const { rssMegabytes, seconds } = await runProcess<SoakResult>("trials/soak.ts", plan);
        trials.push({ ...plan, rssMegabytes });
        rows.push({
          engine: framework,
          work,
          times: plan.count,
          "took s": rounded(seconds),
          ...growth(rssMegabytes),
        });
      }
    }
    return {
      facts: {
        infer: "tiny model, 32 in flight, dynamic batching; outputs of 16 bytes, each tenth of 32 KB",
        load: "load, one inference, close; a multilayer perceptron of 17 MB",
        growth: "resident memory at the end over that at half the way, after garbage collection",
      },
      rows,
      trials,
    };
  },
};

/** The first half is warm-up: allocators and just-in-time compilers take what they need. */
function growth(rss: readonly number[]) {
  const half = rss[Math.floor((rss.length - 1) / 2)] as number;
  const end = rss.at(-1) as number;
  const percent = (100 * (end - half)) / half;
  return {
    "start MB": rounded(rss[0] as number),
    "half MB": Math.round(half * 10) / 10,
    "end MB": Math.round(end * 10) / 10,
    "growth %": Math.round(percent * 100) / 100,
    flat: percent < 1 ? "yes" : "NO",
  };
}
