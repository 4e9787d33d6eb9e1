import { test } from "uvu";
import * as assert from "uvu/assert";
import { Code } from "../../src/inference/serving-error.js";
import { type InstanceDemand, type LimitedInstances, RateLimiter } from "../../src/scheduler/rate-limiter.js";
import { rejects } from "../config/rejects.js";
import { randomNumbers } from "../support/random.js";

/** An instance on the CPU that needs `count` of the resource `r`. */
function needs(count: number, priority = 1): InstanceDemand {
  return { device: "cpu", resources: [{ name: "r", global: false, count }], priority };
}

/** A model as its scheduler would drive its instances: it has so many batches due. */
class Model {
  /** Instances that run, in the order in which they were taken. */
  readonly running: number[] = [];
  /** Executions so far, by instance. */
  readonly executions: number[];
  private readonly limited: LimitedInstances;
  private due = 0;

  constructor(limiter: RateLimiter, demands: readonly InstanceDemand[]) {
    this.limited = limiter.add(demands);
    this.limited.onReady = () => this.dispatch();
    this.executions = demands.map(() => 0);
  }

  submit(batches: number): this {
    this.due += batches;
    this.dispatch();
    return this;
  }

  /** The first of those that run has ended. */
  finish(): void {
    this.limited.release(this.running.shift() as number);
    this.dispatch();
  }

  /** What is due is not any more. */
  cancel(): void {
    this.due = 0;
    this.dispatch();
  }

  close(): void {
    this.limited.remove();
  }

  get total(): number {
    return this.executions.reduce((sum, count) => sum + count, 0);
  }

  private dispatch(): void {
    let isWaiting = false;
    while (this.due > 0 && this.limited.hasIdle) {
      const instance = this.limited.take();
      isWaiting = instance === undefined;
      if (instance === undefined) break;
      this.due--;
      this.running.push(instance);
      this.executions[instance] = (this.executions[instance] as number) + 1;
    }
    this.limited.settle(isWaiting);
  }
}

test("instances whose resources are there run at once, the others when they are given back", () => {
  const limiter = new RateLimiter({ resources: [{ name: "r", count: 2 }] });
  const model = new Model(limiter, [needs(1), needs(1), needs(1)]).submit(4);
  assert.equal(model.running, [0, 1]);
  model.finish();
  assert.equal(model.running, [1, 2]);
  model.finish();
  assert.equal(model.running, [2, 0]);
});

test("models share resources: without limits one runs at a time where all need the same", () => {
  const limiter = new RateLimiter();
  const models = [1, 2, 3].map(() => new Model(limiter, [needs(1)]).submit(1));
  const running = () => models.map((model) => model.running.length);
  assert.equal(running(), [1, 0, 0]);
  models[0]?.finish();
  assert.equal(running(), [0, 1, 0]);
  models[1]?.finish();
  assert.equal(running(), [0, 0, 1]);
});

test("an instance runs one batch at a time, whatever the resources", () => {
  const model = new Model(new RateLimiter(), [{ ...needs(0), resources: [] }]).submit(2);
  assert.equal(model.running, [0]);
  model.finish();
  assert.equal(model.running, [0]);
});

test("of a model's idle instances the one that has run least is next", () => {
  const model = new Model(new RateLimiter(), [needs(1), needs(1), needs(1)]).submit(7);
  for (let i = 0; i < 6; i++) model.finish();
  assert.equal(model.executions, [3, 2, 2]);
});

/** Executions of instances of these priorities that all have work and of which one runs at a time. */
function shares(priorities: readonly number[], total: number): number[] {
  const limiter = new RateLimiter();
  const models = priorities.map((priority) => new Model(limiter, [needs(1, priority)]).submit(total));
  for (let i = 1; i < total; i++) models.find(({ running }) => running.length > 0)?.finish();
  return models.map(({ total }) => total);
}

test("turns are inverse to priorities, counted over many executions", () => {
  assert.equal(shares([1, 1], 300), [150, 150]);
  assert.equal(shares([1, 2], 300), [200, 100]);
  assert.equal(shares([1, 2, 3], 1100), [600, 300, 200]);
  assert.equal(shares([4, 1], 500), [100, 400]);
});

test("priority 0 is priority 1", () => {
  assert.equal(shares([0, 1], 300), [150, 150]);
  assert.equal(shares([0, 2], 300), [200, 100]);
});

test("instances of one model have priorities of their own", () => {
  const model = new Model(new RateLimiter(), [needs(1, 3), needs(1, 1)]).submit(400);
  for (let i = 1; i < 400; i++) model.finish();
  assert.equal(model.executions, [100, 300]);
});

test("of equals the one that has waited longest is next", () => {
  const limiter = new RateLimiter();
  const [a, b, c] = [1, 2, 3].map(() => new Model(limiter, [needs(1)])) as [Model, Model, Model];
  a.submit(1);
  c.submit(1);
  b.submit(1);
  a.finish();
  assert.equal([b.running, c.running], [[], [0]]);
});

test("nobody runs before the next in turn, though there is enough for others", () => {
  const limiter = new RateLimiter({ resources: [{ name: "r", count: 3 }] });
  const small = new Model(limiter, [needs(1), needs(1), needs(1)]).submit(2);
  const large = new Model(limiter, [needs(3)]).submit(1);
  const free = new Model(limiter, [{ ...needs(0, 9), resources: [] }]);
  small.submit(5); // its third instance has not run either, but came later
  small.finish();
  free.submit(1);
  assert.equal([small.running, large.running, free.running], [[1], [], []]);
  small.finish();
  assert.equal([small.running, large.running, free.running], [[], [0], []]);
  large.finish();
  assert.equal([small.running.length, free.running.length], [3, 1]);
});

test("who has no batch due any more lets those behind go ahead", () => {
  const limiter = new RateLimiter({ resources: [{ name: "r", count: 2 }] });
  const running = new Model(limiter, [needs(1)]).submit(1);
  const large = new Model(limiter, [needs(2)]).submit(1);
  const small = new Model(limiter, [needs(1)]).submit(1);
  assert.equal(
    [running, large, small].map((model) => model.running.length),
    [1, 0, 0],
  );
  large.cancel();
  assert.equal(
    [running, large, small].map((model) => model.running.length),
    [1, 0, 1],
  );
});

test("a model that is gone is waited for by nobody", () => {
  const limiter = new RateLimiter({ resources: [{ name: "r", count: 2 }] });
  new Model(limiter, [needs(1)]).submit(1);
  const large = new Model(limiter, [needs(2)]).submit(1);
  const small = new Model(limiter, [needs(1)]).submit(1);
  large.close();
  assert.equal([large.running, small.running], [[], [0]]);
});

test("a model that needs more brings more for all, and takes it away with it", () => {
  const limiter = new RateLimiter();
  const model = new Model(limiter, [needs(1), needs(1), needs(1)]).submit(9);
  assert.is(model.running.length, 1);
  const large = new Model(limiter, [needs(3)]);
  assert.is(model.running.length, 3, "those that waited run at once");
  large.close();
  model.finish();
  model.finish();
  assert.is(model.running.length, 1);
  model.finish();
  assert.is(model.running.length, 1);
});

test("each GPU has its own resources, the CPU too", () => {
  const limiter = new RateLimiter();
  const on = (device: InstanceDemand["device"]) => ({ ...needs(1), device });
  const model = new Model(limiter, [on(0), on(0), on(1), on(1), on("cpu"), on("cpu")]).submit(1);
  assert.is(model.running.length, 1);
  const others = [0, 1, "cpu"].map((device) =>
    new Model(limiter, [on(device as InstanceDemand["device"])]).submit(1),
  );
  assert.equal(
    others.map(({ running }) => running.length),
    [0, 0, 0],
    "behind the first, that GPU 0 is taken",
  );
  model.finish();
  assert.equal(
    others.map(({ running }) => running.length),
    [1, 1, 1],
  );
});

test("a model that could never run is refused, and changes nothing", () => {
  const limiter = new RateLimiter({ resources: [{ name: "r", count: 1 }] });
  rejects(
    () => limiter.add([needs(2)]),
    Code.INVALID_ARGUMENT,
    'Resource count for "r" is limited to 1 which will prevent scheduling of one or more model instances, the minimum required count is 2',
  );
  assert.equal(new Model(limiter, [needs(1)]).submit(1).running, [0]);
});

test("whatever comes, no resource is exceeded, nothing is lost and nothing waits in vain", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const next = randomNumbers(seed);
    const below = (limit: number) => Math.floor(next() * limit);
    const limit = { own: 1 + below(4), ALL: 1 + below(4) };
    const limiter = new RateLimiter({
      resources: Object.entries(limit).map(([name, count]) => ({ name, count })),
    });
    const demands = (): InstanceDemand => ({
      device: "cpu",
      priority: below(4),
      resources: [
        { name: "own", global: false, count: below(limit.own + 1) },
        { name: "ALL", global: true, count: below(limit.ALL + 1) },
      ],
    });
    const made = Array.from({ length: 5 }, () => Array.from({ length: 1 + below(3) }, demands));
    const models = made.map((instances) => new Model(limiter, instances));
    const taken = (name: string) =>
      models.reduce(
        (sum, { running }, m) =>
          running.reduce((more, instance) => {
            const of = made[m]?.[instance]?.resources.find((each) => each.name === name);
            return more + (of?.count ?? 0);
          }, sum),
        0,
      );
    const check = () => {
      assert.ok(taken("own") <= limit.own && taken("ALL") <= limit.ALL, `seed ${seed}`);
    };
    let submitted = 0;
    for (let step = 0; step < 500; step++) {
      const model = models[below(models.length)] as Model;
      if (below(2) === 0) {
        const batches = 1 + below(3);
        submitted += batches;
        model.submit(batches);
      } else if (model.running.length > 0) model.finish();
      check();
    }
    for (let busy = models.filter(({ running }) => running.length > 0); busy.length > 0; ) {
      busy[below(busy.length)]?.finish();
      check();
      busy = models.filter(({ running }) => running.length > 0);
    }
    assert.is(
      models.reduce((sum, { total }) => sum + total, 0),
      submitted,
      `seed ${seed}`,
    );
  }
});

test.run();
