import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadDescriptor } from "../../src/config/message-schema.js";
import {
  type SessionPlacement,
  tensorFlowBackendOptions,
  tensorFlowOptions,
} from "../../src/config/tensorflow-options.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { rejects } from "./rejects.js";

const backend = (settings: Record<string, string> = {}) =>
  tensorFlowBackendOptions(new Map(Object.entries(settings)));
const parameters = (values: Record<string, string>) =>
  Object.entries(values)
    .map(([key, value]) => `parameters { key: "${key}" value { string_value: "${value}" } }`)
    .join(" ");

function options(
  text: string,
  settings: Record<string, string> = {},
  placement: SessionPlacement = { kind: "KIND_CPU" },
) {
  return tensorFlowOptions(configOf(text), backend(settings), placement);
}

/** What TensorFlow reads from the bytes, in protobufjs's spelling. */
function decoded(message: string, bytes: Uint8Array) {
  const type = loadDescriptor("tensorflow-options").lookupType(`tensorflow.${message}`);
  return type.toObject(type.decode(bytes), { enums: String, defaults: true, longs: Number });
}

const session = (...given: Parameters<typeof options>) =>
  decoded("ConfigProto", options(...given).configProto);
const run = (text: string) => decoded("RunOptions", options(text).runOptions);

test("without parameters TensorFlow chooses the threads, and a run stays on its caller's", () => {
  const config = session("");
  assert.is(config.intra_op_parallelism_threads, 0);
  assert.is(config.inter_op_parallelism_threads, 0);
  assert.is(config.use_per_session_threads, false);
  assert.is(run("").inter_op_thread_pool, -1);
});

test("the thread parameters are ConfigProto's", () => {
  const text = parameters({
    TF_NUM_INTRA_THREADS: "2",
    TF_NUM_INTER_THREADS: "4",
    TF_USE_PER_SESSION_THREADS: "yes",
  });
  const config = session(text);
  assert.is(config.intra_op_parallelism_threads, 2);
  assert.is(config.inter_op_parallelism_threads, 4);
  assert.is(config.use_per_session_threads, true);
});

test("a model with inter-op threads of its own uses them", () => {
  assert.is(run(parameters({ TF_NUM_INTER_THREADS: "4" })).inter_op_thread_pool, 0);
  assert.is(run(parameters({ TF_NUM_INTER_THREADS: "0" })).inter_op_thread_pool, -1);
});

test("a small model's operations stay on one thread, unless it says how many", () => {
  const small: SessionPlacement = { kind: "KIND_CPU", smallModel: true };
  assert.is(session("", {}, small).intra_op_parallelism_threads, 1);
  assert.is(session(parameters({ TF_NUM_INTRA_THREADS: "3" }), {}, small).intra_op_parallelism_threads, 3);
});

test("thread counts that the first model decides for all are warned about", () => {
  assert.is(options(parameters({ TF_NUM_INTER_THREADS: "2" })).warnings.length, 1);
  assert.equal(options(parameters({ TF_NUM_INTRA_THREADS: "2" })).warnings, []);
  const own = parameters({ TF_NUM_INTER_THREADS: "2", TF_USE_PER_SESSION_THREADS: "true" });
  assert.equal(options(own).warnings, []);
});

test("sessions are shared by one instance unless the model says otherwise", () => {
  assert.is(options("").maxSessionShareCount, 1);
  assert.is(options(parameters({ MAX_SESSION_SHARE_COUNT: "3" })).maxSessionShareCount, 3);
});

test("the graph's optimisation level switches XLA", () => {
  const jit = (text: string) => session(text).graph_options.optimizer_options.global_jit_level;
  assert.is(jit(""), "DEFAULT");
  for (const [level, expected] of [
    [-1, "OFF"],
    [0, "DEFAULT"],
    [1, "ON_1"],
    [2, "ON_2"],
  ] as const) {
    assert.is(jit(`optimization { graph { level: ${level} } }`), expected);
  }
});

test("mixed precision is the graph optimiser's, on GPUs", () => {
  const text =
    'optimization { execution_accelerators { gpu_execution_accelerator { name: "auto_mixed_precision" } } }';
  const rewriter = (kind: SessionPlacement["kind"]) =>
    session(text, {}, { kind }).graph_options.rewrite_options.auto_mixed_precision;
  assert.is(rewriter("KIND_GPU"), "ON");
  assert.is(rewriter("KIND_CPU"), "DEFAULT");
  assert.match(options(text).warnings[0] as string, "will be ignored for model instance on CPU");
});

test("a CPU instance sees no GPU, the others all", () => {
  assert.equal(session("").device_count, { GPU: 0 });
  assert.equal(session("", {}, { kind: "KIND_GPU" }).device_count, {});
  assert.equal(session("", {}, { kind: "KIND_MODEL" }).device_count, {});
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

test("the executor is TensorFlow's own unless the caller asks for the single-threaded one", () => {
  assert.is(session("").experimental, null);
  const single = session("", {}, { kind: "KIND_CPU", singleThreadedExecutor: true });
  assert.is(single.experimental.executor_type, "SINGLE_THREADED_EXECUTOR");
});

test("the backend's options have defaults", () => {
  assert.equal(backend(), {
    allowSoftPlacement: true,
    gpuMemoryFraction: 0,
    defaultMaxBatchSize: 4,
    warnings: [],
  });
  assert.is(backend({ "default-max-batch-size": "16" }).defaultMaxBatchSize, 16);
});

test("TensorFlow 1 models run on the TensorFlow 2 library, with a warning; there is no 3", () => {
  assert.is(backend({ version: "1" }).warnings.length, 1);
  rejects(
    () => backend({ version: "3" }),
    Code.INVALID_ARGUMENT,
    "unexpected TensorFlow library version '3', expects 2.",
  );
});

test("options of the wrong type or out of range are errors that name them", () => {
  rejects(
    () => backend({ "allow-soft-placement": "2" }),
    Code.INVALID_ARGUMENT,
    "--backend-config=tensorflow,allow-soft-placement must be true/on/yes/1 or false/off/no/0: failed to convert '2' to boolean",
  );
  rejects(
    () => backend({ "default-max-batch-size": "x" }),
    Code.INVALID_ARGUMENT,
    "--backend-config=tensorflow,default-max-batch-size must be non-negative number: failed to convert 'x' to integral number",
  );
  rejects(
    () => backend({ "gpu-memory-fraction": "half" }),
    Code.INVALID_ARGUMENT,
    "--backend-config=tensorflow,gpu-memory-fraction must be from 0 to 1: failed to convert 'half' to floating point number",
  );
  for (const share of ["-0.1", "1.5"]) {
    rejects(
      () => backend({ "gpu-memory-fraction": share }),
      Code.INVALID_ARGUMENT,
      `--backend-config=tensorflow,gpu-memory-fraction must be from 0 to 1, got '${share}'`,
    );
  }
  rejects(
    () => backend({ version: "two" }),
    Code.INVALID_ARGUMENT,
    "--backend-config=tensorflow,version must be 1 or 2: failed to convert 'two' to integral number",
  );
});

test.run();
