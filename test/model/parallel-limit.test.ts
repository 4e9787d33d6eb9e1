import { test } from "uvu";
import * as assert from "uvu/assert";
import { ParallelLimit } from "../../src/model/parallel-limit.js";

test("runs as many as allowed at the same time, the others in order of arrival", async () => {
  const limit = new ParallelLimit(2);
  const begun: number[] = [];
  let running = 0;
  let most = 0;
  const work = (index: number) => async () => {
    begun.push(index);
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    return index;
  };
  const results = await Promise.all([0, 1, 2, 3, 4].map((index) => limit.run(work(index))));
  assert.equal(results, [0, 1, 2, 3, 4]);
  assert.equal(begun, [0, 1, 2, 3, 4]);
  assert.is(most, 2);
});

test("work that fails makes room as well", async () => {
  const limit = new ParallelLimit(1);
  const failing = limit.run(() => Promise.reject(new Error("no")));
  const next = limit.run(async () => 7);
  assert.is(await failing.catch((error: Error) => error.message), "no");
  assert.is(await next, 7);
});

test.run();
