import { test } from "uvu";
import * as assert from "uvu/assert";
import { measuredBatchSizes, threadsGain } from "../../src/engine/measured-sizes.js";

test("one row and a larger batch are measured, as far as the model takes them", () => {
  assert.equal(measuredBatchSizes(0), []);
  assert.equal(measuredBatchSizes(1), [1]);
  assert.equal(measuredBatchSizes(4), [1, 4]);
  assert.equal(measuredBatchSizes(128), [1, 16]);
});

test("threads for an operation have to win by more where instances can use every processor", () => {
  assert.ok(threadsGain(1, 2) < threadsGain(2, 2));
  assert.is(threadsGain(4, 2), threadsGain(2, 2));
  assert.ok(threadsGain(1, 2) > 1);
});

test.run();
