import { type Bench, type Outcome, rounded } from "./measure/outcome.js";
import { runProcess } from "./measure/run-process.js";
import { median, ratio } from "./measure/statistics.js";
import type { OutputCopyResult } from "./trials/output-copy.js";

const ROUNDS = 5;
const KILOBYTES = [1, 4, 8, 16, 32, 64, 256, 1024, 4096];

/** Sizes from which the addon hands out the engine's memory in place of a copy; 0: always. */
const COPY = { TANDEM_COPY_BELOW: String(2 ** 40) };
const SHARE = { TANDEM_COPY_BELOW: "0" };

export const outputCopy: Bench = {
  name: "output-copy",
  question: "From which size on is it cheaper to hand out the engine's memory than to copy an output?",
  async run(): Promise<Outcome> {
    const copied: OutputCopyResult[] = [];
    const shared: OutputCopyResult[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      copied.push(await runProcess("trials/output-copy.ts", KILOBYTES, undefined, { env: COPY }));
      shared.push(await runProcess("trials/output-copy.ts", KILOBYTES, undefined, { env: SHARE }));
    }
    const at = (results: readonly OutputCopyResult[], size: number) =>
      results.map(({ micros }) => micros[size] as number);
    const rows = KILOBYTES.map((size, i) => ({
      "output KB": size,
      "copied µs": rounded(median(at(copied, i))),
      "shared µs": rounded(median(at(shared, i))),
      "shared ÷ copied": rounded(ratio(at(shared, i), at(copied, i)).median),
    }));
    return {
      facts: {
        measured:
          "embedded TensorFlow model that doubles its input, 4 in flight, time per call with everything",
      },
      rows,
      trials: { copied, shared },
    };
  },
};
