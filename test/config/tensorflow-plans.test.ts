import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadDescriptor } from "../../src/config/message-schema.js";
import { tensorFlowBackendOptions } from "../../src/config/tensorflow-options.js";
import {
  type ExecutionPlan,
  type SessionPlacement,
  tensorFlowPlans,
} from "../../src/config/tensorflow-plans.js";
import { configOf } from "./example-config.js";

const parameters = (values: Record<string, string>) =>
  Object.entries(values)
    .map(([key, value]) => `parameters { key: "${key}" value { string_value: "${value}" } }`)
    .join(" ");

const large: SessionPlacement = {
  kind: "KIND_CPU",
  smallModel: false,
  measurable: "nothing",
  freezable: false,
};
const open: SessionPlacement = {
  kind: "KIND_CPU",
  smallModel: true,
  measurable: "in several sessions",
  freezable: true,
};

function plans(
  text: string,
  settings: Record<string, string> = {},
  placement: Partial<SessionPlacement> = {},
) {
  const backend = tensorFlowBackendOptions(new Map(Object.entries(settings)));
  return tensorFlowPlans(configOf(text), backend, { ...large, ...placement });
}

/** What TensorFlow reads from the bytes, in protobufjs's spelling. */
function decoded(message: string, bytes: Uint8Array) {
  const type = loadDescriptor("tensorflow-options").lookupType(`tensorflow.${message}`);
  return type.toObject(type.decode(bytes), { enums: String, defaults: true, longs: Number });
}

/** The one plan of a model for which there is no choice. */
function only(...given: Parameters<typeof plans>): ExecutionPlan {
  const found = plans(...given);
  assert.is(found.plans.length, 1);
  return found.plans[0] as ExecutionPlan;
}

const session = (...given: Parameters<typeof plans>) => decoded("ConfigProto", only(...given).config);
const run = (text: string) => decoded("RunOptions", only(text).runOptions);
const names = (...given: Parameters<typeof plans>) => plans(...given).plans.map(({ name }) => name);

test("a model that cannot be measured runs on its caller's thread, with as many for an operation as TensorFlow likes", () => {
  const config = session("");
  assert.is(config.intra_op_parallelism_threads, 0);
  assert.is(config.inter_op_parallelism_threads, 0);
  assert.is(config.use_per_session_threads, false);
  assert.is(run("").inter_op_thread_pool, -1);
  assert.is(only("").name, "caller-thread-parallel");
});

test("a small one's operations stay on one thread, unless it says how many", () => {
  const small = { smallModel: true };
  assert.is(session("", {}, small).intra_op_parallelism_threads, 1);
  assert.is(only("", {}, small).name, "caller-thread");
  assert.is(session(parameters({ TF_NUM_INTRA_THREADS: "3" }), {}, small).intra_op_parallelism_threads, 3);
});

test("what can be measured has TensorFlow's own way as the measure, and then every other", () => {
  assert.equal(names("", {}, open), [
    "plain",
    "caller-thread-parallel",
    "single-threaded",
    "frozen",
    "caller-thread",
    "single-threaded-parallel",
    "frozen-parallel",
  ]);
  assert.equal(names("", {}, { ...open, freezable: false }), [
    "plain",
    "caller-thread-parallel",
    "single-threaded",
    "caller-thread",
    "single-threaded-parallel",
  ]);
  const { plans: found, fallback } = plans("", {}, open);
  assert.is(found[fallback]?.name, "caller-thread");
  assert.is(plans("", {}, { ...open, smallModel: false }).fallback, 1);
});

test("a model too large to be loaded again is measured by the plans that one session can run", () => {
  const { plans: found, fallback } = plans("", {}, { measurable: "in one session" });
  assert.equal(
    found.map(({ name }) => name),
    ["plain", "caller-thread-parallel"],
  );
  assert.is(fallback, 1);
});

test("plans are what their names say", () => {
  for (const plan of plans("", {}, open).plans) {
    const config = decoded("ConfigProto", plan.config);
    const executor = config.experimental?.executor_type ?? "";
    const isSingle = plan.name.startsWith("single-threaded") || plan.frozen;
    assert.is(executor, isSingle ? "SINGLE_THREADED_EXECUTOR" : "", plan.name);
    assert.is(plan.frozen, plan.name.startsWith("frozen"), plan.name);
    assert.is(config.intra_op_parallelism_threads, plan.threads ? 0 : 1, plan.name);
    assert.is(plan.threads, plan.name === "plain" || plan.name.endsWith("-parallel"), plan.name);
    const pool = decoded("RunOptions", plan.runOptions).inter_op_thread_pool;
    assert.is(pool, plan.name === "plain" ? 0 : -1, plan.name);
  }
});

test("the first two plans can share a session", () => {
  const [plain, second] = plans("", {}, open).plans;
  assert.equal(plain?.config, second?.config);
});

test("a frozen graph is made with functions inlined and nothing else changed", () => {
  const { rewrite_options } = decoded("ConfigProto", plans("", {}, open).freezingConfig).graph_options;
  assert.equal(rewrite_options.optimizers, ["function"]);
});

test("EXECUTION_PLAN names the plan", () => {
  assert.equal(names(parameters({ EXECUTION_PLAN: "plain" }), {}, open), ["plain"]);
  assert.equal(names(parameters({ EXECUTION_PLAN: "caller-thread" }), {}, open), ["caller-thread"]);
  assert.is(names(parameters({ EXECUTION_PLAN: "calibrated" }), {}, open).length, 7);
  assert.throws(
    () => plans(parameters({ EXECUTION_PLAN: "fast" })),
    (error: Error) =>
      error.message ===
      "parameter 'EXECUTION_PLAN' must be calibrated or plain or caller-thread for TensorFlow model 'm', got 'fast'",
  );
});

test("the thread parameters are ConfigProto's in every plan", () => {
  const text = parameters({
    TF_NUM_INTRA_THREADS: "2",
    TF_NUM_INTER_THREADS: "4",
    TF_USE_PER_SESSION_THREADS: "yes",
  });
  const config = session(text);
  assert.is(config.intra_op_parallelism_threads, 2);
  assert.is(config.inter_op_parallelism_threads, 4);
  assert.is(config.use_per_session_threads, true);
  const intra = parameters({ TF_NUM_INTRA_THREADS: "2" });
  assert.equal(names(intra, {}, open), [
    "plain",
    "caller-thread-parallel",
    "single-threaded-parallel",
    "frozen-parallel",
  ]);
  for (const { config: bytes } of plans(intra, {}, open).plans) {
    assert.is(decoded("ConfigProto", bytes).intra_op_parallelism_threads, 2);
  }
});

test("a model with inter-op threads of its own uses them", () => {
  const inter = parameters({ TF_NUM_INTER_THREADS: "4" });
  assert.is(run(inter).inter_op_thread_pool, 0);
  assert.equal(names(inter, {}, open), ["plain"]);
  assert.is(run(parameters({ TF_NUM_INTER_THREADS: "0" })).inter_op_thread_pool, -1);
});

test("thread counts that the first model decides for all are warned about", () => {
  assert.is(plans(parameters({ TF_NUM_INTER_THREADS: "2" })).warnings.length, 1);
  assert.equal(plans(parameters({ TF_NUM_INTRA_THREADS: "2" })).warnings, []);
  const own = parameters({ TF_NUM_INTER_THREADS: "2", TF_USE_PER_SESSION_THREADS: "true" });
  assert.equal(plans(own).warnings, []);
});

test("the graph's optimisation level switches XLA, which leaves no choice of plan", () => {
  const jit = (text: string) => session(text).graph_options.optimizer_options.global_jit_level;
  assert.is(jit(""), "DEFAULT");
  for (const [level, expected] of [
    [-1, "OFF"],
    [0, "DEFAULT"],
    [1, "ON_1"],
    [2, "ON_2"],
  ] as const) {
    const text = `optimization { graph { level: ${level} } }`;
    assert.is(jit(text), expected);
    assert.is(plans(text, {}, open).plans.length, level <= 0 ? 7 : 1);
  }
});

test("mixed precision is the graph optimiser's, on GPUs", () => {
  const text =
    'optimization { execution_accelerators { gpu_execution_accelerator { name: "auto_mixed_precision" } } }';
  const rewriter = (kind: SessionPlacement["kind"]) =>
    session(text, {}, { kind }).graph_options.rewrite_options.auto_mixed_precision;
  assert.is(rewriter("KIND_GPU"), "ON");
  assert.is(rewriter("KIND_CPU"), "DEFAULT");
  assert.match(plans(text).warnings[0] as string, "will be ignored for model instance on CPU");
});

test("a CPU instance sees no GPU, the others all", () => {
  assert.equal(session("").device_count, { GPU: 0 });
  assert.equal(session("", {}, { kind: "KIND_GPU" }).device_count, {});
  assert.equal(session("", {}, { kind: "KIND_MODEL" }).device_count, {});
  for (const kind of ["KIND_GPU", "KIND_MODEL"] as const) {
    assert.is(plans("", {}, { ...open, kind }).plans.length, 1);
  }
});

test("GPU memory grows on demand unless a share of it is taken at once", () => {
  const gpu = (settings: Record<string, string>) => session("", settings).gpu_options;
  assert.is(gpu({}).allow_growth, true);
  assert.is(gpu({ "gpu-memory-fraction": "0" }).allow_growth, true);
  assert.is(gpu({ "gpu-memory-fraction": "0.5" }).allow_growth, false);
  assert.is(gpu({ "gpu-memory-fraction": "0.5" }).per_process_gpu_memory_fraction, 0.5);
});

test("operations without a GPU kernel run on the CPU unless forbidden", () => {
  assert.is(session("").allow_soft_placement, true);
  assert.is(session("", { "allow-soft-placement": "off" }).allow_soft_placement, false);
});

test.run();
