import { test } from "uvu";
import * as assert from "uvu/assert";
import { SerialQueues } from "../../src/model/serial-queues.js";

const turns = async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

test("work of one key is done in order, one at a time; of others at the same time", async () => {
  const queues = new SerialQueues();
  const events: string[] = [];
  const work = (name: string) => async () => {
    events.push(`${name} begins`);
    await turns();
    events.push(`${name} ends`);
  };
  await Promise.all([queues.run("a", work("a1")), queues.run("a", work("a2")), queues.run("b", work("b1"))]);
  assert.equal(events, ["a1 begins", "b1 begins", "a1 ends", "a2 begins", "b1 ends", "a2 ends"]);
});

test("outcomes go to whoever gave the work, and a failure stops nothing", async () => {
  const queues = new SerialQueues();
  const failing = queues.run("a", () => Promise.reject(new Error("no")));
  const next = queues.run("a", async () => 7);
  assert.is(await failing.catch((error: Error) => error.message), "no");
  assert.is(await next, 7);
});

test("idle waits for all that was given", async () => {
  const queues = new SerialQueues();
  let done = 0;
  for (const key of ["a", "a", "b"]) {
    queues.run(key, async () => {
      await turns();
      done++;
    });
  }
  await queues.idle();
  assert.is(done, 3);
  await queues.idle();
});

test.run();
