import { test } from "uvu";
import * as assert from "uvu/assert";
import { RestartLimit } from "../../src/engine/restart-limit.js";

test("waits twice as long each time, and at most five seconds", () => {
  const limit = new RestartLimit(100);
  const waits = Array.from({ length: 8 }, () => limit.next(0));
  assert.equal(waits, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
});

test("ends after so many within a minute", () => {
  const limit = new RestartLimit(2);
  assert.equal([limit.next(0), limit.next(1000), limit.next(2000)], [100, 200, undefined]);
});

test("what is more than a minute ago counts no more", () => {
  const limit = new RestartLimit(2);
  assert.equal([limit.next(0), limit.next(1000), limit.next(60_500)], [100, 200, 200]);
  assert.is(limit.next(200_000), 100);
});

test("0: never again", () => {
  assert.is(new RestartLimit(0).next(0), undefined);
});

test.run();
