/** That what a PyTorch model's parameters say holds while it runs. What only libtorch sees: test/native. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { load, type Model } from "../../src/index.js";
import { rejection } from "../model/make-model.js";
import { assertTensors } from "../support/compare.js";
import { fixture, fixtureCases } from "../support/fixtures.js";

const parameter = (key: string, value: string) =>
  `parameters { key: "${key}" value { string_value: "${value}" } }\n`;

/** A fixture with its own configuration and more. */
async function loaded(name: string, more: string) {
  const warnings: string[] = [];
  const config = readFileSync(join(fixture(name), "config.pbtxt"), "utf8") + more;
  const logger = { info() {}, warn: (message: string) => warnings.push(message), error() {} };
  return { model: await load(fixture(name), { config, logger }), warnings };
}

async function modes(more: string): Promise<number[]> {
  const { model } = await loaded("torch-modes", more);
  await using _ = model;
  const { OUTPUT__0 } = await model.infer({ INPUT__0: Float32Array.of(1) });
  return Array.from(OUTPUT__0?.data ?? [], Number);
}

test("INFERENCE_MODE makes a model's tensors those of inference mode; gradients are off either way", async () => {
  assert.equal(await modes(""), [1, 0]);
  assert.equal(await modes(parameter("INFERENCE_MODE", "yes")), [1, 0]);
  assert.equal(await modes(parameter("INFERENCE_MODE", "off")), [0, 0]);
});

/** The total that a module with a counter has after it has added 1. */
async function addOne(model: Model): Promise<number> {
  const { OUTPUT__0 } = await model.infer({ INPUT__0: Float32Array.of(1) });
  return Number(OUTPUT__0?.data[0]);
}

/** The largest total after 20 calls that each add 1, on instances of a module with a counter. */
async function totals(more: string): Promise<number> {
  const { model } = await loaded("torch-counter", `instance_group { count: 2 kind: KIND_CPU }\n${more}`);
  await using _ = model;
  return Math.max(...(await Promise.all(Array.from({ length: 20 }, () => addOne(model)))));
}

test("ENABLE_WEIGHT_SHARING shares a module's state too, without losing a change", async () => {
  assert.is(await totals(parameter("ENABLE_WEIGHT_SHARING", "true")), 20);
});

test("without it each instance has a state of its own: that of the file, which nothing has changed at load", async () => {
  for (const more of ["", parameter("ENABLE_WEIGHT_SHARING", "false")]) {
    const { model } = await loaded("torch-counter", `instance_group { count: 2 kind: KIND_CPU }\n${more}`);
    const counts = new Map<number, number>();
    for (let call = 0; call < 20; call++) {
      const total = await addOne(model);
      counts.set(total, (counts.get(total) ?? 0) + 1);
    }
    await model.close();
    // Two counters: each total is there once for each of them that has come so far, and both begin with 1.
    assert.ok([...counts.values()].every((count) => count <= 2));
    assert.ok(counts.has(1));
  }
});

for (const [key, value] of [
  ["DISABLE_OPTIMIZED_EXECUTION", "true"],
  ["DISABLE_CUDNN", "true"],
  ["ENABLE_CACHE_CLEANING", "true"],
  ["ENABLE_WEIGHT_SHARING", "false"],
  ["INTRA_OP_THREAD_COUNT", "2"],
  ["EXECUTION_PLAN", "plain"],
  ["EXECUTION_PLAN", "frozen"],
  ["EXECUTION_PLAN", "optimized"],
  ["EXECUTION_PLAN", "calibrated"],
] as const) {
  test(`${key} ${value}: the answers are the same, and nothing is warned about`, async () => {
    const { model, warnings } = await loaded("torch-conv", parameter(key, value));
    await using _ = model;
    for (const { inputs, outputs } of fixtureCases("torch-conv")) {
      const answer = await model.infer(Object.fromEntries(inputs.map((tensor) => [tensor.name, tensor])));
      assertTensors(Object.values(answer), outputs, { absolute: 1e-5, relative: 1e-4 });
    }
    assert.equal(warnings, []);
  });
}

test("a value that makes no sense fails the load and names the parameter", async () => {
  const error = await rejection(loaded("torch-modes", parameter("DISABLE_CUDNN", "perhaps")));
  assert.is(
    error.message,
    "parameter 'DISABLE_CUDNN' must be true/on/yes/1 or false/off/no/0 for PyTorch model 'torch-modes': " +
      "failed to convert 'perhaps' to boolean",
  );
});

test("a module is measured at load, plain forward first, and the choice is among what was measured", async () => {
  // With one thread, for on busy cores several make any run a long one, which is tried with one row only.
  const { model } = await loaded("torch-mlp", parameter("INTRA_OP_THREAD_COUNT", "1"));
  await using _ = model;
  const [report] = model.executionPlans;
  assert.is(model.executionPlans.length, 1);
  assert.is(report?.skipped, "");
  assert.equal(report?.rows, [1, 16]);
  assert.is(report?.timings[0]?.plan, "plain");
  const chosen = report?.timings.find((timing) => timing.plan === report.plan);
  assert.is(chosen?.refused, "");
  assert.is(chosen?.micros.length, 2);
});

test("EXECUTION_PLAN takes the choice away", async () => {
  for (const name of ["plain", "frozen", "optimized"]) {
    const { model } = await loaded("torch-conv", parameter("EXECUTION_PLAN", name));
    await using _ = model;
    assert.ok(model.executionPlans[0]?.plan.startsWith(name));
    assert.equal(model.executionPlans[0]?.timings, []);
  }
});

test("a module that changes something is not run before its first request", async () => {
  for (const [name, reason] of [
    ["torch-counter", /attribute 'total' may change/],
    ["torch-in-place", /forward writes to its inputs/],
  ] as const) {
    const { model } = await loaded(name, "");
    await using _ = model;
    assert.match(model.executionPlans[0]?.skipped as string, reason);
    assert.equal(model.executionPlans[0]?.timings, []);
  }
});

test("made-up inputs that a module refuses do not fail its load", async () => {
  const { model } = await loaded("torch-matmul", ""); // of any [n,k] and [k,m]; the made-up ones fit
  await model.close();
  const config = `platform: "pytorch_libtorch"
    input [ { name: "a" data_type: TYPE_FP32 dims: [2, 3] }, { name: "b" data_type: TYPE_FP32 dims: [5, 4] } ]
    output { name: "product" data_type: TYPE_FP32 dims: [-1, -1] }`;
  await using refusing = await load(fixture("torch-matmul"), { config });
  assert.match(refusing.executionPlans[0]?.skipped as string, /made-up inputs are refused: /);
});

test.run();
