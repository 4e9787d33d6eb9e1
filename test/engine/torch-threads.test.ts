/** That the thread parameters take effect on libtorch itself: each case is a process, whose threads are counted. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fixture } from "../support/fixtures.js";

const program = fileURLToPath(new URL("torch-threads-program.ts", import.meta.url));

/** @param parameters of each model that is loaded, one after the other */
function run(...parameters: Readonly<Record<string, string>>[]): { threads: number; warnings: string[] } {
  fixture("torch-forks"); // made here once, not by every child
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", program, ...parameters.map((each) => JSON.stringify(each))],
    { encoding: "utf8", timeout: 120_000 },
  );
  assert.is(status, 0, stderr);
  return JSON.parse(stdout) as { threads: number; warnings: string[] };
}

test("INTER_OP_THREAD_COUNT is the number of threads for whole operations, which the first model decides", () => {
  const intra = { INTRA_OP_THREAD_COUNT: "1" };
  const three = run({ ...intra, INTER_OP_THREAD_COUNT: "3" });
  const seven = run({ ...intra, INTER_OP_THREAD_COUNT: "7" });
  assert.is(seven.threads - three.threads, 4);
  assert.equal(three.warnings, []);
  const both = run({ ...intra, INTER_OP_THREAD_COUNT: "3" }, { ...intra, INTER_OP_THREAD_COUNT: "7" });
  assert.is(both.threads - three.threads, 1, "the second model's instance");
  assert.equal(both.warnings, [
    "model 'torch-forks' asks for INTER_OP_THREAD_COUNT 7, but it is 3: libtorch has one setting for all models of the " +
      "process, and the first that asks decides",
  ]);
});

test("INTRA_OP_THREAD_COUNT is each model's own number of threads inside operations", () => {
  const inter = { INTER_OP_THREAD_COUNT: "1" };
  const three = run({ ...inter, INTRA_OP_THREAD_COUNT: "3" });
  const seven = run({ ...inter, INTRA_OP_THREAD_COUNT: "7" });
  assert.ok(seven.threads > three.threads, `${seven.threads} threads against ${three.threads}`);
  assert.equal(run({ ...inter, INTRA_OP_THREAD_COUNT: "3" }, { INTRA_OP_THREAD_COUNT: "7" }).warnings, []);
});

test.run();
