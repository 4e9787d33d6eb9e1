import { test } from "uvu";
import * as assert from "uvu/assert";
import { load } from "../../src/index.js";
import { assertTensors } from "../support/compare.js";
import { fixture, fixtureCases } from "../support/fixtures.js";

const plan = (name: string) => `parameters { key: "EXECUTION_PLAN" value { string_value: "${name}" } }`;

test("a model is measured at load, one row and a batch, and the choice is among what was measured", async () => {
  await using model = await load(fixture("tf-tiny"), { config: "max_batch_size: 8" });
  const [report] = model.executionPlans;
  assert.is(model.executionPlans.length, 1);
  assert.is(report?.skipped, "");
  assert.equal(report?.rows, [1, 8]);
  assert.is(report?.timings[0]?.plan, "plain");
  const chosen = report?.timings.find((timing) => timing.plan === report.plan);
  assert.is(chosen?.refused, "");
  assert.is(chosen?.micros.length, 2);
  const frozen = report?.timings.find((timing) => timing.plan === "frozen");
  assert.is(frozen?.refused, "", "a model with plain variables can be frozen");
});

test("a model that changes something is not run before its first request", async () => {
  await using model = await load(fixture("tf-counter"));
  assert.is(model.executionPlans[0]?.plan, "caller-thread");
  assert.match(model.executionPlans[0]?.skipped as string, "AssignAddVariableOp");
  const { total } = await model.infer({ x: Int32Array.of(5) });
  assert.equal(total?.data, Int32Array.of(5));
});

test("EXECUTION_PLAN takes the choice away; the answers are the same", async () => {
  for (const name of ["plain", "caller-thread", "calibrated"]) {
    await using model = await load(fixture("tf-mlp"), { config: plan(name) });
    const [report] = model.executionPlans;
    if (name !== "calibrated") {
      assert.ok(report?.plan.startsWith(name));
      assert.equal(report?.timings, []);
    }
    for (const { inputs, outputs } of fixtureCases("tf-mlp")) {
      const answer = await model.infer(Object.fromEntries(inputs.map((tensor) => [tensor.name, tensor])));
      assertTensors(Object.values(answer), outputs);
    }
  }
});

test("instances that share a session or not run by one plan", async () => {
  for (const shared of [1, 3]) {
    const config = `${plan("calibrated")} instance_group { count: 3 kind: KIND_CPU }
      parameters { key: "MAX_SESSION_SHARE_COUNT" value { string_value: "${shared}" } }`;
    await using model = await load(fixture("tf-tiny"), { config });
    assert.is(model.executionPlans.length, 1);
    const [first] = fixtureCases("tf-tiny");
    const inputs = Object.fromEntries((first?.inputs ?? []).map((tensor) => [tensor.name, tensor]));
    const answers = await Promise.all(Array.from({ length: 30 }, () => model.infer(inputs)));
    for (const answer of answers) assertTensors(Object.values(answer), first?.outputs ?? []);
  }
});

test.run();
