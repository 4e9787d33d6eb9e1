import { test } from "uvu";
import * as assert from "uvu/assert";
import { describePlan } from "../../src/model/describe-plan.js";

const begin = "model 'm' version 3 runs by execution plan";

test("what was measured stands beside what was chosen", () => {
  const line = describePlan("m", 3, {
    plan: "frozen",
    skipped: "",
    rows: [1, 16],
    timings: [
      { plan: "plain", refused: "", micros: [24.04, 30] },
      { plan: "single-threaded", refused: "its results differ", micros: [] },
      { plan: "frozen", refused: "", micros: [3, 5.51] },
    ],
  });
  assert.is(
    line,
    `${begin} 'frozen'; microseconds for batches of 1/16: ` +
      "plain 24.0/30.0, single-threaded: its results differ, frozen 3.0/5.5",
  );
});

test("why nothing was measured is told", () => {
  const report = { plan: "caller-thread", skipped: "it writes", rows: [], timings: [] };
  assert.is(describePlan("m", 3, report), `${begin} 'caller-thread', unmeasured: it writes`);
  assert.is(describePlan("m", 3, { ...report, skipped: "" }), `${begin} 'caller-thread'`);
});

test.run();
