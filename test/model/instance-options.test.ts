import { test } from "uvu";
import * as assert from "uvu/assert";
import { normalise } from "../../src/config/normalise.js";
import { readModelConfig } from "../../src/config/read-model-config.js";
import { instanceDemands, instanceOptions } from "../../src/model/instance-options.js";

function config(groups: string, gpus: readonly number[] = []) {
  const text = `name: "m" backend: "pytorch" platform: "pytorch_libtorch" ${groups}`;
  return normalise(readModelConfig(text, "config.pbtxt"), gpus);
}

const names = (groups: string, gpus?: readonly number[]) =>
  instanceOptions(config(groups, gpus)).map(({ name, kind, device }) => `${name} ${kind} ${device}`);

test("each group has its own count", () => {
  assert.equal(
    names(
      'instance_group [ { count: 2 kind: KIND_CPU }, { name: "one" kind: KIND_MODEL }, { kind: KIND_CPU } ]',
    ),
    ["m_0_0 KIND_CPU 0", "m_0_1 KIND_CPU 0", "one KIND_MODEL 0", "m_2 KIND_CPU 0"],
  );
});

test("a GPU group has its count on each of its GPUs", () => {
  const groups = "instance_group [ { count: 2 kind: KIND_GPU gpus: [1, 3] }, { kind: KIND_CPU count: 1 } ]";
  assert.equal(names(groups, [0, 1, 2, 3]), [
    "m_0_0 KIND_GPU 1",
    "m_0_0 KIND_GPU 3",
    "m_0_1 KIND_GPU 1",
    "m_0_1 KIND_GPU 3",
    "m_1 KIND_CPU 0",
  ]);
});

test("a passive group is given no work and has no instances", () => {
  assert.equal(names("instance_group [ { count: 2 passive: true }, { count: 1 } ]"), ["m_1 KIND_CPU 0"]);
});

const limited = (resources: string, priority = 0) => `rate_limiter { ${resources} priority: ${priority} }`;

test("a rate limiter is told of each instance, in the same order", () => {
  const own = limited('resources { name: "r" count: 2 }', 3);
  const shared = limited('resources { name: "s" global: true count: 1 }');
  const groups = `instance_group [
    { kind: KIND_GPU gpus: [0, 1] ${own} }, { passive: true ${shared} }, { kind: KIND_CPU count: 2 ${shared} }, { kind: KIND_MODEL }
  ]`;
  const r = { name: "r", global: false, count: 2 };
  const s = { name: "s", global: true, count: 1 };
  assert.equal(instanceDemands(config(groups, [0, 1])), [
    { device: 0, resources: [r], priority: 3 },
    { device: 1, resources: [r], priority: 3 },
    { device: "cpu", resources: [s], priority: 0 },
    { device: "cpu", resources: [s], priority: 0 },
    { device: "cpu", resources: [], priority: 0 },
  ]);
});

test.run();
