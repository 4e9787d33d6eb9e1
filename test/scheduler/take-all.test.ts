import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { EngineRequest } from "../../src/engine/engine-model.js";
import type { Shape } from "../../src/inference/shape.js";
import { CoalescingScheduler } from "../../src/scheduler/coalescing-scheduler.js";
import { DynamicBatcher } from "../../src/scheduler/dynamic-batcher.js";
import { anyInstance, type Instances, UnlimitedInstances } from "../../src/scheduler/instances.js";
import { RateLimiter } from "../../src/scheduler/rate-limiter.js";
import { shapeAgreement } from "../../src/scheduler/same-shapes.js";
import type { Scheduler } from "../../src/scheduler/scheduler.js";
import { FakeClock } from "../support/fake-clock.js";
import { FakeEngine, type FakeEngineOptions } from "../support/fake-engine.js";
import { FakeRequest } from "./fake-request.js";

/** Something that schedules and executes: the policy is one, the place where batches are formed differs. */
interface Place {
  readonly scheduler: Scheduler<TakenRequest>;
  readonly engine: FakeEngine;
  readonly clock: FakeClock;
}

class TakenRequest extends FakeRequest implements EngineRequest {
  readonly inputs: readonly Uint8Array[] = [];
  readonly outputs: undefined;
  settled = false;

  settle(): void {
    this.settled = true;
  }
}

const maxBatchSize = 4;

type Inputs = FakeEngineOptions["inputs"];

/** The scheduler waits for an instance that may run and hands it a batch. */
function batchedFor(instances: Instances, instanceCount: number, inputs: Inputs): Place {
  const engine = new FakeEngine({ instanceCount, inputs, manual: true });
  const clock = new FakeClock();
  const scheduler = new DynamicBatcher<TakenRequest>(
    {
      maxBatchSize,
      agree: shapeAgreement(engine.inputs),
      preferredBatchSizes: [maxBatchSize],
      maxQueueDelayMicros: 0,
      merges: true,
      queuePolicies: [
        { maxQueueSize: 0, defaultTimeoutMicros: 0, allowTimeoutOverride: false, timeoutAction: "REJECT" },
      ],
      defaultPriorityLevel: 1,
    },
    (batch, instance) => engine.execute(batch, instance === anyInstance ? undefined : instance),
    instances,
    clock,
  );
  return { scheduler, engine, clock };
}

function inTheScheduler(instanceCount: number, _inFlight: () => number, inputs?: Inputs): Place {
  return batchedFor(new UnlimitedInstances(instanceCount), instanceCount, inputs);
}

function underARateLimiter(instanceCount: number, _inFlight: () => number, inputs?: Inputs): Place {
  const demand = { device: "cpu" as const, resources: [{ name: "r", global: true, count: 1 }], priority: 1 };
  const limiter = new RateLimiter({ resources: [{ name: "r", count: instanceCount }] });
  return batchedFor(limiter.add(Array(instanceCount).fill(demand)), instanceCount, inputs);
}

/** Requests go to the engine at once, and its instances merge what is queued. */
function inTheEngine(instanceCount: number, inFlight: () => number, inputs?: Inputs): Place {
  const engine = new FakeEngine({ instanceCount, inputs, coalesceRows: maxBatchSize, manual: true });
  const clock = new FakeClock();
  const scheduler = new CoalescingScheduler<TakenRequest>(engine, maxBatchSize, inFlight, clock);
  return { scheduler, engine, clock };
}

for (const [where, place] of Object.entries({ inTheScheduler, underARateLimiter, inTheEngine })) {
  const test = suite(`take all that is queued, formed ${where}`);
  const setUp = (instanceCount = 1, inputs?: Inputs) => {
    const accepted: TakenRequest[] = [];
    const inFlight = () => accepted.filter(({ settled }) => !settled).length;
    const { scheduler, engine, clock } = place(instanceCount, inFlight, inputs);
    engine.onExecution = (_timings, _error, instance) => scheduler.executionDone(instance);
    /** Requests that arrive in one event. */
    const submit = (ids: string, rows = 1, shape: Shape = [rows, 2]) => {
      const requests = [...ids].map((id) => new TakenRequest(id, { rows, shape }));
      for (const request of requests) {
        accepted.push(request);
        scheduler.submit(request);
      }
      clock.endEvent();
      return requests;
    };
    const batches = () =>
      engine.executions.map((batch) => (batch as unknown as TakenRequest[]).map(({ id }) => id).join(""));
    return { scheduler, engine, submit, batches };
  };

  test("an idle instance takes a request at once", () => {
    const { submit, batches } = setUp();
    submit("a");
    assert.equal(batches(), ["a"]);
  });

  test("requests of one event start together", () => {
    const { submit, batches } = setUp();
    submit("abc");
    assert.equal(batches(), ["abc"]);
  });

  test("an instance that becomes free takes all that is queued, oldest first", () => {
    const { submit, batches, engine } = setUp();
    submit("a");
    submit("bc");
    submit("d");
    engine.finish();
    assert.equal(batches(), ["a", "bcd"]);
  });

  test("no batch is larger than the model's largest", () => {
    const { submit, batches, engine } = setUp();
    submit("abcdef");
    engine.finish();
    assert.equal(batches(), ["abcd", "ef"]);
  });

  test("a request that does not fit waits for the next batch, and those behind it too", () => {
    const { submit, batches, engine } = setUp();
    submit("a");
    submit("bc", 2);
    submit("d", 3);
    submit("e");
    engine.finish();
    engine.finish();
    assert.equal(batches(), ["a", "bc", "de"]);
  });

  test("requests of different shapes do not share a batch", () => {
    const { submit, batches, engine } = setUp();
    submit("ab");
    submit("c", 1, [1, 7]);
    submit("d");
    for (let i = 0; i < 2; i++) engine.finish();
    assert.equal(batches(), ["ab", "c", "d"]);
  });

  test("requests of different shapes share a batch where the input is ragged", () => {
    const { submit, batches, engine } = setUp(1, [
      { name: "x", datatype: "FP32", shape: [-1, -1], ragged: true },
    ]);
    submit("a");
    submit("b");
    submit("c", 1, [1, 7]);
    engine.finish();
    assert.equal(batches(), ["a", "bc"]);
  });

  test("every instance works", () => {
    const { submit, batches, engine } = setUp(2);
    for (const id of "abcd") submit(id);
    assert.equal(batches(), ["a", "b"]);
    engine.finish(1);
    assert.equal(batches(), ["a", "b", "cd"]);
  });

  test("pending are the requests that no instance has started", () => {
    const { submit, scheduler, engine } = setUp();
    submit("a");
    submit("bc");
    assert.is(scheduler.pendingCount, 2);
    engine.finish();
    assert.is(scheduler.pendingCount, 0);
  });

  test("a request is taken back while it is queued, not once it runs", () => {
    const { submit, scheduler, batches, engine } = setUp();
    const [running] = submit("a") as [TakenRequest];
    const [queued] = submit("b") as [TakenRequest];
    submit("c");
    assert.is(scheduler.cancel(queued), true);
    assert.is(scheduler.cancel(running), false);
    engine.finish();
    engine.finish();
    assert.equal(batches(), ["a", "c"]);
    assert.is(running.settled, true);
    assert.is(queued.settled, false);
  });

  test.run();
}
