/** That the thread parameters take effect on TensorFlow itself: each case is a process, whose threads are counted. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fixture } from "../support/fixtures.js";

const program = fileURLToPath(new URL("tensorflow-threads-program.ts", import.meta.url));

/** @param parameters of each model that is loaded, one after the other */
function threads(...parameters: Readonly<Record<string, string>>[]): { all: number; inter: number } {
  fixture("tf-mlp"); // made here once, not by every child
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", program, ...parameters.map((each) => JSON.stringify(each))],
    { encoding: "utf8", timeout: 120_000 },
  );
  assert.is(status, 0, stderr);
  return JSON.parse(stdout) as { all: number; inter: number };
}

test("TF_NUM_INTRA_THREADS is the number of threads inside operations", () => {
  const three = threads({ TF_NUM_INTRA_THREADS: "3" });
  const seven = threads({ TF_NUM_INTRA_THREADS: "7" });
  assert.is(seven.all - three.all, 4);
  assert.is(seven.inter, three.inter);
});

test("TF_NUM_INTER_THREADS is the number of threads for operations, in a pool of the session's own", () => {
  const own = { TF_NUM_INTRA_THREADS: "1", TF_USE_PER_SESSION_THREADS: "yes" };
  const three = threads({ ...own, TF_NUM_INTER_THREADS: "3" });
  const six = threads({ ...own, TF_NUM_INTER_THREADS: "6" });
  assert.is(six.inter - three.inter, 3);
  assert.is(six.all - three.all, 3);
});

test("TF_USE_PER_SESSION_THREADS is what makes that pool: without it the first model decides for all", () => {
  const first = { TF_NUM_INTER_THREADS: "3" };
  assert.is(threads(first, { TF_NUM_INTER_THREADS: "6" }).inter, 3);
  for (const yes of ["yes", "TRUE"]) {
    assert.is(threads(first, { TF_NUM_INTER_THREADS: "6", TF_USE_PER_SESSION_THREADS: yes }).inter, 3 + 6);
  }
});

test.run();
