import { test } from "uvu";
import * as assert from "uvu/assert";
import { Code } from "../../src/inference/serving-error.js";
import {
  type Device,
  type ResourceDemand,
  type ResourceLimit,
  ResourcePools,
  type Share,
} from "../../src/scheduler/resource-pools.js";
import { rejects } from "../config/rejects.js";

type Demands = Readonly<Record<string, number>>;

/** An instance that needs so much of each resource; those whose names are in capitals are global. */
function instance(device: Device, demands: Demands) {
  const resources: ResourceDemand[] = Object.entries(demands).map(([name, count]) => ({
    name,
    count,
    global: name === name.toUpperCase(),
  }));
  return { device, resources };
}

function added(pools: ResourcePools, device: Device, demands: Demands): Share {
  return pools.add([instance(device, demands)])[0] as Share;
}

const counts = (pools: ResourcePools) => pools.describe().slice(1);

test("there is as much of a resource as the most demanding instance needs", () => {
  const pools = new ResourcePools([]);
  const small = added(pools, "cpu", { r: 1 });
  assert.is(pools.tryTake(small), true);
  assert.is(pools.tryTake(small), false);
  added(pools, "cpu", { r: 3 });
  assert.is(pools.tryTake(small), true);
  assert.is(pools.tryTake(small), true);
  assert.is(pools.tryTake(small), false);
  pools.giveBack(small);
  assert.is(pools.tryTake(small), true);
});

test("there is less again when that instance is gone, and what is taken stays taken", () => {
  const pools = new ResourcePools([]);
  const small = added(pools, "cpu", { r: 1 });
  const large = added(pools, "cpu", { r: 2 });
  assert.is(pools.tryTake(small), true);
  assert.is(pools.tryTake(small), true);
  pools.remove([large]);
  pools.giveBack(small);
  assert.is(pools.tryTake(small), false);
  pools.giveBack(small);
  assert.is(pools.tryTake(small), true);
  pools.giveBack(small);
  pools.remove([small]);
  assert.equal(counts(pools), []);
});

test("an instance gets all it needs or nothing", () => {
  const pools = new ResourcePools([]);
  const both = added(pools, "cpu", { a: 1, b: 1 });
  const [a, b] = [added(pools, "cpu", { a: 1 }), added(pools, "cpu", { b: 1 })];
  assert.is(pools.tryTake(b), true);
  assert.is(pools.hasFor(both), false);
  assert.is(pools.tryTake(both), false);
  assert.is(pools.tryTake(a), true, "nothing of a was taken");
});

test("an instance that needs nothing can always have it", () => {
  const pools = new ResourcePools([]);
  const none = added(pools, "cpu", {});
  for (let i = 0; i < 3; i++) assert.is(pools.tryTake(none), true);
});

test("a resource that an instance names twice is needed twice", () => {
  const pools = new ResourcePools([]);
  const { device, resources } = instance("cpu", { r: 2 });
  pools.add([{ device, resources: [...resources, ...resources] }]);
  assert.equal(counts(pools), ["\tDevice: CPU", "\t\tResource: r\t Count: 4"]);
});

test("each device has its own, instances of one share it, a global resource is there once", () => {
  const pools = new ResourcePools([]);
  const own = (["cpu", 0, 1] as const).map((device) => added(pools, device, { r: 1 }));
  for (const share of own) assert.is(pools.tryTake(share), true);
  assert.is(pools.tryTake(added(pools, 1, { r: 1 })), false);
  const shared = (["cpu", 0] as const).map((device) => added(pools, device, { ALL: 1 }));
  assert.is(pools.tryTake(shared[0] as Share), true);
  assert.is(pools.tryTake(shared[1] as Share), false);
});

test("explicit limits hold for every device, or for the one that they name", () => {
  const limits: ResourceLimit[] = [
    { name: "r", count: 4 },
    { name: "r", count: 2, device: 1 },
  ];
  const pools = new ResourcePools(limits);
  for (const device of ["cpu", 0, 1] as const) added(pools, device, { r: 1 });
  assert.equal(counts(pools), [
    "\tDevice: CPU",
    "\t\tResource: r\t Count: 4",
    "\tDevice: 0",
    "\t\tResource: r\t Count: 4",
    "\tDevice: 1",
    "\t\tResource: r\t Count: 2",
  ]);
});

test("what is said of device 0 holds for the CPU too", () => {
  const pools = new ResourcePools([{ name: "r", count: 2, device: 0 }]);
  added(pools, "cpu", { r: 2 });
  added(pools, 0, { r: 2 });
  assert.match(counts(pools).join(), /CPU,\t\tResource: r\t Count: 2,\tDevice: 0,\t\tResource: r\t Count: 2/);
});

test("for a global resource the device does not count, and the largest limit holds", () => {
  const pools = new ResourcePools([
    { name: "R", count: 1 },
    { name: "R", count: 3, device: 5 },
  ]);
  added(pools, "cpu", { R: 1 });
  assert.equal(counts(pools), ["\tDevice: GLOBAL", "\t\tResource: R\t Count: 3"]);
});

test("of two limits for the same the smaller holds", () => {
  const pools = new ResourcePools([3, 2, 4].map((count) => ({ name: "r", count })));
  added(pools, 0, { r: 1 });
  assert.equal(counts(pools), ["\tDevice: 0", "\t\tResource: r\t Count: 2"]);
});

test("an instance that could never run is refused, and none of its model is taken in", () => {
  const pools = new ResourcePools([{ name: "r", count: 2 }]);
  rejects(
    () => pools.add([instance("cpu", { r: 1 }), instance("cpu", { r: 3 })]),
    Code.INVALID_ARGUMENT,
    'Resource count for "r" is limited to 2 which will prevent scheduling of one or more model instances, the minimum required count is 3',
  );
  assert.equal(counts(pools), []);
});

test("once anything is limited, there is nothing of what is not named", () => {
  const pools = new ResourcePools([{ name: "r", count: 2, device: 1 }]);
  for (const other of [instance(1, { s: 1 }), instance(2, { r: 1 }), instance(1, { S: 1 })]) {
    rejects(
      () => pools.add([other]),
      Code.INVALID_ARGUMENT,
      `Resource count for "${other.resources[0]?.name}" is limited to 0 which will prevent scheduling of one or more model instances, the minimum required count is 1`,
    );
  }
  pools.add([instance(2, { r: 0 })]);
});

test("a resource is global or every device's own, for all instances of all models", () => {
  const message =
    'Resource "r" is present as both global and device-specific resource in the model configuration.';
  const both = ([own, shared]: readonly [Device, Device]) =>
    [own, shared].map((device, i) => ({
      device,
      resources: [{ name: "r", count: 1, global: i === 1 }],
    }));
  const pools = new ResourcePools([]);
  const [own, shared] = both(["cpu", 0]) as [ReturnType<typeof instance>, ReturnType<typeof instance>];
  rejects(() => pools.add([own, shared]), Code.INVALID_ARGUMENT, message);
  assert.equal(counts(pools), []);
  const shares = pools.add([shared]);
  rejects(() => pools.add([own]), Code.INVALID_ARGUMENT, message);
  pools.remove(shares);
  assert.is(pools.add([own]).length, 1);
});

test("a limit is a count of 0 or more, its device too", () => {
  for (const [limit, message] of [
    [{ count: -1 }, "resource 'r' of the rate limiter: expected a count of 0 or more, got -1"],
    [{ count: 1.5 }, "resource 'r' of the rate limiter: expected a count of 0 or more, got 1.5"],
    [{ count: 1, device: -1 }, "resource 'r' of the rate limiter: expected a device of 0 or more, got -1"],
  ] as const) {
    rejects(() => new ResourcePools([{ name: "r", ...limit }]), Code.INVALID_ARGUMENT, message);
  }
});

test("tells how much there is of everything, for the log", () => {
  const pools = new ResourcePools([]);
  added(pools, 0, { r1: 3, r2: 1, R3: 2 });
  assert.equal(pools.describe(), [
    "Max Resource Map===>",
    "\tDevice: 0",
    "\t\tResource: r1\t Count: 3",
    "\t\tResource: r2\t Count: 1",
    "\tDevice: GLOBAL",
    "\t\tResource: R3\t Count: 2",
  ]);
});

test.run();
