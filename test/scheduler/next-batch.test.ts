import { test } from "uvu";
import * as assert from "uvu/assert";
import { nextBatch } from "../../src/scheduler/next-batch.js";

const batching = { maxBatchSize: 8, preferredBatchSizes: [4], maxQueueDelayMicros: 100 };
const atOnce = { ...batching, maxQueueDelayMicros: 0 };

test("runs a preferred batch at once", () => {
  assert.equal(nextBatch([1, 3], 0, batching), { count: 2 });
});

test("runs the largest preferred size that can be had exactly", () => {
  const sizes = { ...batching, preferredBatchSizes: [6, 2, 4] };
  assert.equal(nextBatch([1, 1, 1, 1, 1], 0, sizes), { count: 4 });
  assert.equal(nextBatch([2, 4, 1], 0, sizes), { count: 2 });
});

test("waits for a preferred size, no longer than the queue delay", () => {
  assert.equal(nextBatch([1, 1], 30, batching), { waitMicros: 70 });
});

test("never keeps the oldest request longer than the queue delay", () => {
  assert.equal(nextBatch([1, 1], 100, batching), { count: 2 });
});

test("keeps to the largest preferred size until the delay is over, then runs all that fits", () => {
  const ones = Array(10).fill(1);
  assert.equal(nextBatch(ones, 99, batching), { count: 4 });
  assert.equal(nextBatch(ones, 100, batching), { count: 8 });
});

test("does not wait where more requests cannot lead to a preferred size", () => {
  assert.equal(nextBatch([3, 3], 0, batching), { count: 2 });
  assert.equal(nextBatch([6], 0, batching), { count: 1 });
});

test("does not wait where the next request does not fit any more", () => {
  const large = { ...batching, preferredBatchSizes: [8] };
  assert.equal(nextBatch([5, 4], 0, large), { count: 1 });
});

test("runs at once without a delay, preferred sizes first", () => {
  assert.equal(nextBatch([1, 1, 1], 0, atOnce), { count: 3 });
  assert.equal(nextBatch([1, 1, 1, 1, 1, 1], 0, atOnce), { count: 4 });
});

test("ends a batch before the first request of another shape, and runs it", () => {
  assert.equal(nextBatch([1, 1, 1, 1], 0, batching, 2), { count: 2 });
});

test("prefers the largest batch where no size is preferred", () => {
  const none = { ...batching, preferredBatchSizes: [] };
  assert.equal(nextBatch([4], 0, none), { waitMicros: 100 });
  assert.equal(nextBatch([4, 4], 0, none), { count: 2 });
});

test("refuses a request that alone is larger than the largest batch", () => {
  assert.throws(() => nextBatch([9], 0, batching), /a batch of 9 exceeds the largest, 8/);
});

test.run();
