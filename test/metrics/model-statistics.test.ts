import { test } from "uvu";
import * as assert from "uvu/assert";
import { ModelStatistics } from "../../src/metrics/model-statistics.js";

const phases = { computeStart: 10, computeInputEnd: 11, computeOutputStart: 15, computeEnd: 17, rows: 6 };

test("an execution counts once, its rows as inferences", () => {
  const statistics = new ModelStatistics();
  statistics.executed(phases);
  statistics.executed({ ...phases, rows: 2 });
  assert.is(statistics.executionCount, 2);
  assert.is(statistics.inferenceCount, 8);
});

test("every request of a batch is credited with the batch's whole compute time", () => {
  const statistics = new ModelStatistics();
  statistics.executed(phases);
  statistics.succeeded(4, phases, 20);
  statistics.succeeded(8, phases, 20);
  assert.equal({ ...statistics.success }, { count: 2, ns: 28e6 });
  assert.equal({ ...statistics.queue }, { count: 2, ns: 8e6 });
  assert.equal({ ...statistics.computeInput }, { count: 2, ns: 2e6 });
  assert.equal({ ...statistics.computeInfer }, { count: 2, ns: 8e6 });
  assert.equal({ ...statistics.computeOutput }, { count: 2, ns: 4e6 });
});

test("durations are kept apart when the answers of two executions interleave", () => {
  const statistics = new ModelStatistics();
  const slow = { ...phases, computeInputEnd: 12 };
  statistics.executed(phases);
  statistics.executed(slow);
  statistics.succeeded(10, phases, 20);
  statistics.succeeded(10, slow, 20);
  assert.is(statistics.computeInput.ns, 3e6);
});

test("batches are told apart by their total size, their count is that of executions", () => {
  const statistics = new ModelStatistics();
  for (const rows of [6, 6, 1]) statistics.executed({ ...phases, rows });
  assert.equal(
    [...statistics.batches].map(([rows, { computeInfer }]) => [rows, computeInfer.count, computeInfer.ns]),
    [
      [6, 2, 8e6],
      [1, 1, 4e6],
    ],
  );
});

test("failures are counted by reason", () => {
  const statistics = new ModelStatistics();
  statistics.failed("REJECTED", 1, 3);
  assert.equal(statistics.failures, { REJECTED: 1, CANCELED: 0, BACKEND: 0, OTHER: 0 });
  assert.equal({ ...statistics.fail }, { count: 1, ns: 2e6 });
});

test("phases that an execution never reached take no time", () => {
  const statistics = new ModelStatistics();
  statistics.executed({ ...phases, computeOutputStart: 0, computeEnd: 0 });
  assert.is(statistics.batches.get(6)?.computeInfer.ns, 0);
});

test.run();
