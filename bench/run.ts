// npm run bench [-- names…]: answers each bench's question in turn, prints tables, writes bench/results/.
import { aoti } from "./aoti.js";
import { batching } from "./batching.js";
import { codec } from "./codec.js";
import { embedded } from "./embedded.js";
import { hosts } from "./hosts.js";
import { http } from "./http.js";
import { httpFloor } from "./http-floor.js";
import { isolation } from "./isolation.js";
import { machineFacts } from "./measure/machine.js";
import type { Bench } from "./measure/outcome.js";
import { report } from "./measure/report.js";
import { outputCopy } from "./output-copy.js";
import { plans } from "./plans.js";
import { reload } from "./reload.js";
import { soak } from "./soak.js";
import { unload } from "./unload.js";

const benches: readonly Bench[] = [
  embedded,
  plans,
  aoti,
  http,
  hosts,
  batching,
  reload,
  isolation,
  httpFloor,
  codec,
  outputCopy,
  soak,
  unload,
];

const names = process.argv.slice(2);
const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `no bench ${unknown.join(", ")}; there are: ${benches.map(({ name }) => name).join(", ")}\n`,
  );
  process.exit(2);
}
for (const bench of benches) {
  if (names.length > 0 && !names.includes(bench.name)) continue;
  const machine = machineFacts();
  const started = performance.now();
  try {
    const outcome = await bench.run();
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    report(bench, { ...machine, took: `${seconds} s` }, outcome);
  } catch (error) {
    process.stderr.write(`${bench.name}: no answer: ${(error as Error).stack}\n`);
    process.exitCode = 1;
  }
}
