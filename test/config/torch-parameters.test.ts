import { test } from "uvu";
import * as assert from "uvu/assert";
import { type TorchParameters, torchParameters } from "../../src/config/torch-parameters.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { rejects } from "./rejects.js";

const read = (values: Record<string, string>) =>
  torchParameters(
    configOf(
      Object.entries(values)
        .map(([key, value]) => `parameters { key: "${key}" value { string_value: "${value}" } }`)
        .join(" "),
    ),
  );

const untouched: TorchParameters = {
  inferenceMode: true,
  optimizedExecution: true,
  cudnn: true,
  cacheCleaning: false,
  weightSharing: undefined,
  intraOpThreads: 0,
  executionPlan: "calibrated",
  process: {
    interOpThreads: undefined,
    jitExecutor: undefined,
    jitProfiling: undefined,
    tensorFuser: undefined,
  },
};

test("without parameters a module runs in inference mode, optimised, and nothing of the process is touched", () => {
  assert.equal(read({}), untouched);
});

test("reads all of them", () => {
  const values = {
    INFERENCE_MODE: "false",
    DISABLE_OPTIMIZED_EXECUTION: "true",
    DISABLE_CUDNN: "true",
    ENABLE_CACHE_CLEANING: "true",
    ENABLE_WEIGHT_SHARING: "true",
    INTRA_OP_THREAD_COUNT: "2",
    INTER_OP_THREAD_COUNT: "3",
    ENABLE_JIT_EXECUTOR: "false",
    ENABLE_JIT_PROFILING: "false",
    ENABLE_TENSOR_FUSER: "true",
    EXECUTION_PLAN: "frozen",
  };
  assert.equal(read(values), {
    inferenceMode: false,
    optimizedExecution: false,
    cudnn: false,
    cacheCleaning: true,
    weightSharing: true,
    intraOpThreads: 2,
    executionPlan: "frozen",
    process: { interOpThreads: 3, jitExecutor: false, jitProfiling: false, tensorFuser: true },
  });
});

test("the first spelling of cache cleaning counts too, behind today's", () => {
  assert.is(read({ CACHE_CLEANING_ENABLED: "on" }).cacheCleaning, true);
  assert.is(read({ CACHE_CLEANING_ENABLED: "on", ENABLE_CACHE_CLEANING: "off" }).cacheCleaning, false);
});

test("weight sharing that is turned off is not weight sharing left alone", () => {
  assert.is(read({ ENABLE_WEIGHT_SHARING: "no" }).weightSharing, false);
});

for (const key of [
  "INFERENCE_MODE",
  "DISABLE_OPTIMIZED_EXECUTION",
  "DISABLE_CUDNN",
  "ENABLE_CACHE_CLEANING",
  "CACHE_CLEANING_ENABLED",
  "ENABLE_WEIGHT_SHARING",
  "ENABLE_JIT_EXECUTOR",
  "ENABLE_JIT_PROFILING",
  "ENABLE_TENSOR_FUSER",
]) {
  test(`${key} has every spelling, in any case, and no other`, () => {
    for (const [yes, no] of [
      ["true", "false"],
      ["ON", "Off"],
      ["1", "0"],
      ["Yes", "NO"],
    ] as const) {
      assert.equal(read({ [key]: yes }), read({ [key]: "true" }));
      assert.equal(read({ [key]: no }), read({ [key]: "false" }));
    }
    assert.not.equal(read({ [key]: "true" }), read({ [key]: "false" }));
    rejects(
      () => read({ [key]: "maybe" }),
      Code.INVALID_ARGUMENT,
      `parameter '${key}' must be true/on/yes/1 or false/off/no/0 for PyTorch model 'm': ` +
        "failed to convert 'maybe' to boolean",
    );
  });
}

for (const key of ["INTRA_OP_THREAD_COUNT", "INTER_OP_THREAD_COUNT"]) {
  test(`${key} must be a positive number`, () => {
    const expected = `parameter '${key}' must be positive number for PyTorch model 'm'`;
    for (const text of ["0", "-1"]) {
      rejects(() => read({ [key]: text }), Code.INVALID_ARGUMENT, `${expected}, got '${text}'`);
    }
    for (const text of ["many", "2x", "1.5", "", "99999999999"]) {
      rejects(
        () => read({ [key]: text }),
        Code.INVALID_ARGUMENT,
        `${expected}: failed to convert '${text}' to integral number`,
      );
    }
  });
}

test("EXECUTION_PLAN must be one of those there are", () => {
  rejects(
    () => read({ EXECUTION_PLAN: "caller-thread" }),
    Code.INVALID_ARGUMENT,
    "parameter 'EXECUTION_PLAN' must be calibrated or plain or frozen or optimized for PyTorch model 'm', " +
      "got 'caller-thread'",
  );
});

test.run();
