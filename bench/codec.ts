import { type Bench, type Outcome, rounded } from "./measure/outcome.js";
import { runProcess } from "./measure/run-process.js";
import { median, ratio } from "./measure/statistics.js";
import type { CodecTimes } from "./trials/codec.js";

const ROUNDS = 3;
const COUNTS = [16, 4096, 150_000];
/** Each with what it is compared with. */
const CASES = [
  ["decode binary", "JSON.parse"],
  ["encode binary", "JSON.stringify"],
  ["decode JSON", "JSON.parse"],
  ["encode JSON", "JSON.stringify"],
] as const;

export const codec: Bench = {
  name: "codec",
  question: "What do KServe v2 messages cost to decode and encode, by the number of FP32 elements?",
  async run(): Promise<Outcome> {
    const trials: CodecTimes[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      trials.push(await runProcess<CodecTimes>("trials/codec.ts", COUNTS));
    }
    const times = (name: string) => trials.map(({ micros }) => micros[name] as number);
    const rows = COUNTS.flatMap((count) =>
      CASES.map(([name, other]) => ({
        elements: count,
        what: name,
        µs: rounded(median(times(`${name} ${count}`))),
        against: `${other} of the same as JSON`,
        ratio: rounded(ratio(times(`${name} ${count}`), times(`${other} ${count}`)).median),
      })),
    );
    return { facts: { measured: "by benchmark.js, in a process per round" }, rows, trials };
  },
};
