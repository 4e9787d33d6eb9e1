import { test } from "uvu";
import * as assert from "uvu/assert";
import { CoalescingScheduler } from "../../src/scheduler/coalescing-scheduler.js";
import { FakeClock } from "../support/fake-clock.js";
import { FakeRequest } from "./fake-request.js";

/** @param busy requests that the engine has already */
function setUp(instanceCount: number, busy = 0) {
  const clock = new FakeClock();
  const batches: string[] = [];
  let inFlight = busy;
  const engine = {
    instanceCount,
    execute: (batch: readonly FakeRequest[]) => {
      batches.push(batch.map(({ id }) => id).join(""));
    },
    cancel: () => false,
  };
  const scheduler = new CoalescingScheduler<FakeRequest>(engine, 8, () => inFlight, clock);
  const submit = (ids: string, rows = 1) =>
    [...ids].map((id) => {
      const request = new FakeRequest(id, { rows });
      inFlight++;
      scheduler.submit(request);
      return request;
    });
  return { clock, scheduler, batches, submit };
}

test("idle instances share what arrives together", () => {
  const { clock, batches, submit } = setUp(3);
  submit("abcdefgh");
  clock.endEvent();
  assert.equal(batches, ["abc", "def", "gh"]);
});

test("a single idle instance gets all of it", () => {
  const { clock, batches, submit } = setUp(3, 2);
  submit("abcdefgh");
  clock.endEvent();
  assert.equal(batches, ["abcdefgh"]);
});

test("with all instances busy batches are as large as can be", () => {
  const { clock, batches, submit } = setUp(2, 5);
  submit("abcdefghij");
  clock.endEvent();
  assert.equal(batches, ["abcdefgh", "ij"]);
});

test("shares count rows, and a request is not divided", () => {
  const { clock, batches, submit } = setUp(2);
  submit("ab", 4);
  submit("c", 2);
  clock.endEvent();
  assert.equal(batches, ["a", "b", "c"]);
});

test("a request is taken back before it is handed over", () => {
  const { clock, scheduler, batches, submit } = setUp(1);
  const [first] = submit("ab") as [FakeRequest];
  assert.is(scheduler.cancel(first), true);
  clock.endEvent();
  assert.equal(batches, ["b"]);
});

test.run();
