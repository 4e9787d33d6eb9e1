import { test } from "uvu";
import * as assert from "uvu/assert";
import { tensorFlowParameters } from "../../src/config/tensorflow-parameters.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { rejects } from "./rejects.js";

const read = (values: Record<string, string>) =>
  tensorFlowParameters(
    configOf(
      Object.entries(values)
        .map(([key, value]) => `parameters { key: "${key}" value { string_value: "${value}" } }`)
        .join(" "),
    ),
  );

test("without parameters TensorFlow chooses, and each instance has a session of its own", () => {
  assert.equal(read({}), {
    intraThreads: 0,
    interThreads: 0,
    perSessionThreads: false,
    maxSessionShareCount: 1,
    executionPlan: "calibrated",
    initOpsFile: "",
  });
});

test("reads all of them", () => {
  const values = {
    TF_NUM_INTRA_THREADS: "2",
    TF_NUM_INTER_THREADS: "4",
    TF_USE_PER_SESSION_THREADS: "yes",
    MAX_SESSION_SHARE_COUNT: "3",
    EXECUTION_PLAN: "plain",
    TF_INIT_OPS_FILE: "init_ops.json",
  };
  assert.equal(read(values), {
    intraThreads: 2,
    interThreads: 4,
    perSessionThreads: true,
    maxSessionShareCount: 3,
    executionPlan: "plain",
    initOpsFile: "init_ops.json",
  });
});

test("threads per session have every spelling, in any case", () => {
  const own = (text: string) => read({ TF_USE_PER_SESSION_THREADS: text }).perSessionThreads;
  for (const text of ["true", "ON", "1", "Yes"]) assert.is(own(text), true);
  for (const text of ["false", "Off", "0", "NO"]) assert.is(own(text), false);
});

test("the Python backend has its own name for threads per session, and takes the other one too", () => {
  const platform = 'backend: "python" platform: "tensorflow_savedmodel"';
  const parameter = (key: string, text: string) =>
    `parameters { key: "${key}" value { string_value: "${text}" } }`;
  const own = (text: string) => tensorFlowParameters(configOf(text)).perSessionThreads;
  assert.is(own(`${platform} ${parameter("USE_PER_SESSION_THREAD", "YES")}`), true);
  assert.is(own(`${platform} ${parameter("TF_USE_PER_SESSION_THREADS", "on")}`), true);
  const both = `${parameter("USE_PER_SESSION_THREAD", "no")} ${parameter("TF_USE_PER_SESSION_THREADS", "yes")}`;
  assert.is(own(`${platform} ${both}`), false);
  assert.is(own(`backend: "tensorflow" ${both}`), true);
});

for (const [key, demand, outOfRange] of [
  ["TF_NUM_INTRA_THREADS", "non-negative number", "-1"],
  ["TF_NUM_INTER_THREADS", "non-negative number", "-1"],
  ["MAX_SESSION_SHARE_COUNT", "positive number", "0"],
] as const) {
  test(`${key} must be a ${demand}`, () => {
    const expected = `parameter '${key}' must be ${demand} for TensorFlow model 'm'`;
    rejects(() => read({ [key]: outOfRange }), Code.INVALID_ARGUMENT, `${expected}, got '${outOfRange}'`);
    for (const text of ["many", "2x", "1.5", "", "99999999999"]) {
      rejects(
        () => read({ [key]: text }),
        Code.INVALID_ARGUMENT,
        `${expected}: failed to convert '${text}' to integral number`,
      );
    }
  });
}

test("TF_USE_PER_SESSION_THREADS must be a boolean", () => {
  rejects(
    () => read({ TF_USE_PER_SESSION_THREADS: "maybe" }),
    Code.INVALID_ARGUMENT,
    "parameter 'TF_USE_PER_SESSION_THREADS' must be true/on/yes/1 or false/off/no/0 for TensorFlow model 'm': " +
      "failed to convert 'maybe' to boolean",
  );
});

test("EXECUTION_PLAN must be one of those there are", () => {
  rejects(
    () => read({ EXECUTION_PLAN: "fast" }),
    Code.INVALID_ARGUMENT,
    "parameter 'EXECUTION_PLAN' must be calibrated or plain or caller-thread for TensorFlow model 'm', got 'fast'",
  );
});

test.run();
