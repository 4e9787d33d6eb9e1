import { test } from "uvu";
import * as assert from "uvu/assert";
import { DynamicBatcher, type DynamicBatcherOptions } from "../../src/scheduler/dynamic-batcher.js";
import { anyInstance, type Instances, UnlimitedInstances } from "../../src/scheduler/instances.js";
import type { QueuePolicy } from "../../src/scheduler/queue-policy.js";
import { FakeClock } from "../support/fake-clock.js";
import { FakeRequest } from "./fake-request.js";

const unlimited: QueuePolicy = {
  maxQueueSize: 0,
  defaultTimeoutMicros: 0,
  allowTimeoutOverride: false,
  timeoutAction: "REJECT",
};

const short: QueuePolicy = { ...unlimited, defaultTimeoutMicros: 1000 };

const options: DynamicBatcherOptions = {
  maxBatchSize: 4,
  preferredBatchSizes: [4],
  maxQueueDelayMicros: 100,
  merges: true,
  queuePolicies: [unlimited],
  defaultPriorityLevel: 1,
};

function setUp(
  different: Partial<DynamicBatcherOptions> = {},
  executing: (request: FakeRequest) => void = () => {},
  instances: Instances = new UnlimitedInstances(1),
) {
  const clock = new FakeClock();
  const batches: string[] = [];
  const batcher = new DynamicBatcher<FakeRequest>(
    { ...options, ...different },
    (batch) => {
      batches.push(batch.map(({ id }) => id).join(""));
      batch.forEach(executing);
    },
    instances,
    clock,
  );
  /** Requests that arrive in one event. */
  const submit = (ids: string, request: ConstructorParameters<typeof FakeRequest>[1] = {}) => {
    const made = [...ids].map((id) => new FakeRequest(id, { enqueuedAt: clock.now(), ...request }));
    for (const each of made) batcher.submit(each);
    clock.endEvent();
    return made;
  };
  return { clock, batches, batcher, submit };
}

test("a full batch runs at once", () => {
  const { batches, submit } = setUp();
  submit("abcd");
  assert.equal(batches, ["abcd"]);
});

test("a smaller one runs when its oldest request has waited for the queue delay", () => {
  const { batches, submit, clock } = setUp();
  submit("a");
  clock.advance(60);
  submit("b");
  clock.advance(39);
  assert.equal(batches, []);
  clock.advance(1);
  assert.equal(batches, ["ab"]);
});

test("while all instances are busy the queue grows, and the next free one takes what is due", () => {
  const { batches, batcher, submit } = setUp({ maxQueueDelayMicros: 0 });
  submit("a");
  submit("bcdef");
  assert.equal(batches, ["a"]);
  batcher.executionDone(anyInstance);
  assert.equal(batches, ["a", "bcde"]);
  batcher.executionDone(anyInstance);
  assert.equal(batches, ["a", "bcde", "f"]);
});

test("requests of one event are looked at together", () => {
  const { batches, submit } = setUp({ maxQueueDelayMicros: 0 });
  submit("abc");
  assert.equal(batches, ["abc"]);
});

test("a batch that the engine refuses does not keep its instance busy", () => {
  const { batches, batcher, submit } = setUp({ maxQueueDelayMicros: 0 }, () => batcher.refused());
  submit("a");
  submit("b");
  assert.equal(batches, ["a", "b"]);
});

test("as many batches run at a time as there are instances", () => {
  const { batches, submit } = setUp({}, undefined, new UnlimitedInstances(2));
  submit("abcdefghijkl");
  assert.equal(batches, ["abcd", "efgh"]);
});

test("where requests are not merged each is executed by itself, whatever its rows", () => {
  const { batches, batcher, submit } = setUp({ merges: false, maxBatchSize: 0, preferredBatchSizes: [] });
  submit("ab", { rows: 9 });
  assert.equal(batches, ["a"]);
  batcher.executionDone(anyInstance);
  assert.equal(batches, ["a", "b"]);
});

/** One instance that runs when a test says so. */
function heldInstance() {
  const log: string[] = [];
  const instances: Instances = {
    hasIdle: true,
    onReady: () => {},
    take: () => undefined,
    settle: (isWaiting) => log.push(isWaiting ? "waiting" : "settled"),
    release: (instance) => log.push(`released ${instance}`),
  };
  return { instances, log };
}

test("while no instance may run the next batch grows, and it is formed when one may", () => {
  const { instances, log } = heldInstance();
  const { batches, submit } = setUp({ maxQueueDelayMicros: 0 }, undefined, instances);
  submit("a");
  submit("bc");
  assert.equal([batches, log], [[], ["waiting", "waiting"]]);
  instances.take = () => 5;
  instances.onReady();
  assert.equal([batches, log.at(-1)], [["abc"], "settled"]);
});

test("a batch that is not due does not wait for an instance", () => {
  const { instances, log } = heldInstance();
  const { submit, clock } = setUp({}, undefined, instances);
  submit("a");
  assert.equal(log, ["settled"]);
  clock.advance(100);
  assert.equal(log, ["settled", "waiting"]);
});

test("nobody waits for an instance when what was queued is taken back or rejected", () => {
  const { instances, log } = heldInstance();
  const policies = { queuePolicies: [short], maxQueueDelayMicros: 0 };
  const { batcher, submit, clock } = setUp(policies, undefined, instances);
  const [first] = submit("a");
  batcher.cancel(first as FakeRequest);
  clock.endEvent();
  assert.equal(log, ["waiting", "settled"]);
  const [second] = submit("b");
  clock.advance(1000);
  assert.is(second?.failure, "REJECTED: Request timeout expired");
  assert.equal(log.slice(2), ["waiting", "settled"]);
});

test("the instance that was taken runs the batch, and is given back when it is done or refused", () => {
  const { instances, log } = heldInstance();
  instances.take = () => 5;
  const ran: number[] = [];
  const batcher = new DynamicBatcher<FakeRequest>(
    options,
    (batch, instance) => {
      ran.push(instance);
      if (batch[0]?.id === "refused") batcher.refused();
    },
    instances,
    new FakeClock(),
  );
  batcher.submit(new FakeRequest("done", { rows: 4 }));
  instances.onReady();
  assert.equal([ran, log], [[5], ["settled"]]);
  batcher.executionDone(5);
  assert.equal(log.slice(1), ["released 5", "settled"]);
  batcher.submit(new FakeRequest("refused", { rows: 4 }));
  instances.onReady();
  assert.equal(
    [ran, log.slice(3)],
    [
      [5, 5],
      ["released 5", "settled"],
    ],
  );
});

test("requests of different shapes do not share a batch", () => {
  const { batches, batcher, submit } = setUp();
  submit("a", { shape: [1, 3] });
  submit("b", { shape: [1, 5] });
  assert.equal(batches, ["a"]);
  batcher.executionDone(anyInstance);
  submit("c", { shape: [1, 5] });
  submit("d", { shape: [1, 3] });
  assert.equal(batches, ["a", "bc"]);
});

test("the batch dimension does not count as shape", () => {
  const { batches, submit } = setUp();
  submit("a", { rows: 1, shape: [1, 5] });
  submit("b", { rows: 3, shape: [3, 5] });
  assert.equal(batches, ["ab"]);
});

test("pending are the requests that no batch has taken", () => {
  const { batcher, submit } = setUp();
  submit("abcdef");
  assert.is(batcher.pendingCount, 2);
});

test("a higher priority is served first, each level in order of arrival", () => {
  const { batches, batcher, submit } = setUp({
    maxQueueDelayMicros: 0,
    queuePolicies: [unlimited, unlimited, unlimited],
    defaultPriorityLevel: 2,
  });
  submit("x");
  submit("e", { priority: 3 });
  submit("c");
  submit("a", { priority: 1 });
  submit("d", { priority: 9 });
  submit("b", { priority: 1 });
  batcher.executionDone(anyInstance);
  batcher.executionDone(anyInstance);
  assert.equal(batches, ["x", "abcd", "e"]);
});

test("a full queue refuses, naming the request", () => {
  const { batcher, submit } = setUp({ queuePolicies: [{ ...unlimited, maxQueueSize: 2 }] });
  submit("ab");
  assert.throws(() => submit("c"), /^\[request id: c\] Exceeds maximum queue size$/);
  assert.is(batcher.pendingCount, 2);
});

test("each level has its own limit", () => {
  const { submit } = setUp({
    queuePolicies: [{ ...unlimited, maxQueueSize: 1 }, unlimited],
    defaultPriorityLevel: 2,
  });
  submit("a", { priority: 1 });
  submit("b");
  assert.throws(() => submit("c", { priority: 1 }), /Exceeds maximum queue size/);
});

test("a request whose time is over is rejected, also while all instances are busy", () => {
  const { clock, batcher, submit } = setUp({ maxQueueDelayMicros: 0, queuePolicies: [short] });
  const [running] = submit("a");
  const [waiting] = submit("b");
  clock.advance(999);
  assert.is(waiting?.failure, undefined);
  clock.advance(1);
  assert.is(waiting?.failure, "REJECTED: Request timeout expired");
  assert.is(running?.failure, undefined);
  assert.is(batcher.pendingCount, 0);
});

test("a request may shorten its time where the policy allows it, and not lengthen it", () => {
  const allowed = { ...short, allowTimeoutOverride: true };
  for (const [policy, timeoutMicros, expected] of [
    [allowed, 200, 200],
    [allowed, 5000, 1000],
    [short, 200, 1000],
  ] as const) {
    const { clock, submit } = setUp({ maxQueueDelayMicros: 0, queuePolicies: [policy] });
    submit("a");
    const [waiting] = submit("b", { timeoutMicros });
    clock.advance(expected - 1);
    assert.is(waiting?.failure, undefined);
    clock.advance(1);
    assert.is.not(waiting?.failure, undefined);
  }
});

test("a request cannot set a time where the policy has none", () => {
  const { clock, submit } = setUp({
    maxQueueDelayMicros: 0,
    queuePolicies: [{ ...unlimited, allowTimeoutOverride: true }],
  });
  submit("a");
  const [waiting] = submit("b", { timeoutMicros: 1 });
  clock.advance(1e6);
  assert.is(waiting?.failure, undefined);
});

test("with DELAY a request whose time is over is served after the others", () => {
  const { batches, batcher, clock, submit } = setUp({
    maxBatchSize: 1,
    preferredBatchSizes: [1],
    maxQueueDelayMicros: 0,
    queuePolicies: [{ ...short, timeoutAction: "DELAY" }],
  });
  submit("xa");
  clock.advance(1000);
  submit("b");
  for (let i = 0; i < 2; i++) batcher.executionDone(anyInstance);
  assert.equal(batches, ["x", "b", "a"]);
});

test("a request is taken back while it is queued, not once it runs", () => {
  const { batches, batcher, submit } = setUp({ maxQueueDelayMicros: 0 });
  const [running] = submit("a") as [FakeRequest];
  const [queued, last] = submit("bc") as [FakeRequest, FakeRequest];
  assert.is(batcher.cancel(queued), true);
  assert.is(batcher.cancel(queued), false);
  assert.is(batcher.cancel(running), false);
  batcher.executionDone(anyInstance);
  assert.equal(batches, ["a", "c"]);
  assert.is(batcher.cancel(last), false);
});

test("a request that was taken back is not waited for", () => {
  const { batches, batcher, submit, clock } = setUp();
  const [first] = submit("a", { rows: 3 }) as [FakeRequest];
  batcher.cancel(first);
  clock.advance(1000);
  assert.equal(batches, []);
  submit("bcde");
  assert.equal(batches, ["bcde"]);
});

test.run();
