import { test } from "uvu";
import * as assert from "uvu/assert";
import { torchParameters } from "../../src/config/torch-parameters.js";
import { type ModulePlacement, torchPlans } from "../../src/config/torch-plans.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { rejects } from "./rejects.js";

const cpu: ModulePlacement = { kind: "KIND_CPU", smallModel: false, measurable: true, freezable: true };

function plans(values: Readonly<Record<string, string>> = {}, placement: Partial<ModulePlacement> = {}) {
  const text = Object.entries(values).map(
    ([key, value]) => `parameters { key: "${key}" value { string_value: "${value}" } }`,
  );
  const found = torchPlans("m", torchParameters(configOf(text.join(" "))), { ...cpu, ...placement });
  return { ...found, names: found.plans.map(({ name }) => name), taken: found.plans[found.fallback] };
}

test("every way is tried with one thread and with several, against plain forward", () => {
  const { names, plans: found } = plans();
  assert.equal(names, [
    "plain",
    "optimized-parallel",
    "optimized",
    "frozen-parallel",
    "frozen",
    "single-threaded",
  ]);
  for (const { name, threads } of found) {
    assert.is(threads, name === "plain" || name.endsWith("-parallel") ? 0 : 1, name);
  }
});

test("a small model is tried with one thread first, and is frozen with one where nothing can be measured", () => {
  assert.is(plans({}, { smallModel: true }).names[1], "optimized");
  assert.equal(plans({}, { smallModel: true }).taken, { name: "frozen", way: "frozen", threads: 1 });
  assert.equal(plans().taken, { name: "frozen-parallel", way: "frozen", threads: 0 });
});

test("INTRA_OP_THREAD_COUNT holds in every plan", () => {
  const one = plans({ INTRA_OP_THREAD_COUNT: "1" });
  assert.equal(one.names, ["plain", "optimized", "frozen"]);
  const four = plans({ INTRA_OP_THREAD_COUNT: "4" }, { smallModel: true });
  assert.equal(four.names, ["plain", "optimized-parallel", "frozen-parallel"]);
  assert.equal(
    four.plans.map(({ threads }) => threads),
    [4, 4, 4],
  );
  assert.is(four.taken?.threads, 4);
});

test("DISABLE_OPTIMIZED_EXECUTION, and a module that cannot be frozen, leave the file's own", () => {
  const disabled = plans({ DISABLE_OPTIMIZED_EXECUTION: "true" });
  assert.equal(disabled.names, ["plain", "single-threaded"]);
  assert.is(disabled.taken?.name, "plain");
  const stiff = plans({}, { freezable: false, smallModel: true });
  assert.equal(stiff.names, ["plain", "single-threaded"]);
  assert.is(stiff.taken?.name, "single-threaded");
  assert.equal(plans({ INTRA_OP_THREAD_COUNT: "2" }, { freezable: false }).names, ["plain"]);
});

test("what is not measured runs frozen if it can: on GPUs, placed by itself, of inputs that cannot be made up", () => {
  for (const placement of [{ kind: "KIND_GPU" }, { kind: "KIND_MODEL" }, { measurable: false }] as const) {
    assert.equal(plans({}, placement).names, ["frozen-parallel"]);
    assert.equal(plans({}, { ...placement, smallModel: true }).names, ["frozen"]);
    assert.equal(plans({}, { ...placement, freezable: false }).names, ["plain"]);
  }
});

test("EXECUTION_PLAN names one way", () => {
  assert.equal(plans({ EXECUTION_PLAN: "plain" }, { smallModel: true }).plans, [
    { name: "plain", way: "plain", threads: 0 },
  ]);
  assert.equal(plans({ EXECUTION_PLAN: "optimized" }).names, ["optimized-parallel"]);
  assert.equal(plans({ EXECUTION_PLAN: "frozen", INTRA_OP_THREAD_COUNT: "1" }).names, ["frozen"]);
  assert.is(plans({ EXECUTION_PLAN: "calibrated" }).names.length, 6);
});

test("a way that a module does not have is refused", () => {
  rejects(
    () => plans({ EXECUTION_PLAN: "frozen" }, { freezable: false }),
    Code.INVALID_ARGUMENT,
    "parameter 'EXECUTION_PLAN' must be plain or calibrated for PyTorch model 'm', whose module cannot be frozen, " +
      "got 'frozen'",
  );
});

test.run();
