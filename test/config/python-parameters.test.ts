import { test } from "uvu";
import * as assert from "uvu/assert";
import { pythonParameters } from "../../src/config/python-parameters.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { rejects } from "./rejects.js";

const read = (values: Record<string, string>) =>
  pythonParameters(
    configOf(
      Object.entries(values)
        .map(
          ([key, value]) => `parameters { key: "${key}" value { string_value: ${JSON.stringify(value)} } }`,
        )
        .join(" "),
    ),
    "/models/m",
  );

const fails = (key: string, text: string, message: string | RegExp) =>
  rejects(() => read({ [key]: text }), Code.INVALID_ARGUMENT, message);

test("without parameters a module is compiled, and runs on one thread", () => {
  assert.equal(read({}), {
    numThreads: 1,
    numInteropThreads: 1,
    compile: true,
    compileOptions: {},
    executionEnvPath: undefined,
    forceCpuOnlyInputTensors: true,
    function: undefined,
  });
});

test("reads all of them", () => {
  const values = {
    NUM_THREADS: "2",
    NUM_INTEROP_THREADS: "4",
    TORCH_COMPILE: "false",
    TORCH_COMPILE_OPTIONAL_PARAMETERS: '{"mode": "max-autotune", "dynamic": true, "options": {"x": 1}}',
    EXECUTION_ENV_PATH: "/envs/torch.tar.gz",
    FORCE_CPU_ONLY_INPUT_TENSORS: "no",
    FUNCTION: "softmax_of",
  };
  assert.equal(read(values), {
    numThreads: 2,
    numInteropThreads: 4,
    compile: false,
    compileOptions: { mode: "max-autotune", dynamic: true, options: { x: 1 } },
    executionEnvPath: "/envs/torch.tar.gz",
    forceCpuOnlyInputTensors: false,
    function: "softmax_of",
  });
});

for (const key of ["NUM_THREADS", "NUM_INTEROP_THREADS"]) {
  test(`${key} must be a positive number`, () => {
    const expected = `parameter '${key}' must be positive number for Python model 'm'`;
    fails(key, "0", `${expected}, got '0'`);
    fails(key, "many", `${expected}: failed to convert 'many' to integral number`);
  });
}

test("TORCH_COMPILE must be a boolean", () => {
  assert.is(read({ TORCH_COMPILE: "Off" }).compile, false);
  fails(
    "TORCH_COMPILE",
    "maybe",
    "parameter 'TORCH_COMPILE' must be true/on/yes/1 or false/off/no/0 for Python model 'm': " +
      "failed to convert 'maybe' to boolean",
  );
});

test("torch.compile's parameters must be a JSON object, without the module that it compiles", () => {
  const key = "TORCH_COMPILE_OPTIONAL_PARAMETERS";
  const expected = `parameter '${key}' must be JSON object of keyword arguments of torch.compile for Python model 'm': `;
  fails(key, "[1]", `${expected}'[1]' is not a JSON object`);
  fails(key, "null", `${expected}'null' is not a JSON object`);
  fails(key, "{mode:", /'\{mode:' is not JSON: /);
  fails(key, '{"model": 1}', `${expected}'model' is not an optional parameter for 'torch.compile'`);
});

test("EXECUTION_ENV_PATH may lie in the model's directory, and not leave it again", () => {
  const path = (text: string) => read({ EXECUTION_ENV_PATH: text }).executionEnvPath;
  assert.is(path("$$TRITON_MODEL_DIRECTORY/env.tar.gz"), "/models/m/env.tar.gz");
  assert.is(path("$$TRITON_MODEL_DIRECTORY/a/../env"), "/models/m/env");
  const expected =
    "parameter 'EXECUTION_ENV_PATH' must be path, of the model's directory where it begins with " +
    "$$TRITON_MODEL_DIRECTORY, for Python model 'm': ";
  for (const text of ["$$TRITON_MODEL_DIRECTORY/../env", "$$TRITON_MODEL_DIRECTORY/a/../../m2"]) {
    fails("EXECUTION_ENV_PATH", text, `${expected}'${text}' leads out of '/models/m'`);
  }
  fails("EXECUTION_ENV_PATH", "", `${expected}it is empty`);
});

test("FORCE_CPU_ONLY_INPUT_TENSORS is yes or no, and nothing else that is a boolean elsewhere", () => {
  assert.is(read({ FORCE_CPU_ONLY_INPUT_TENSORS: "yes" }).forceCpuOnlyInputTensors, true);
  rejects(
    () => read({ FORCE_CPU_ONLY_INPUT_TENSORS: "true" }),
    Code.UNIMPLEMENTED,
    "parameter 'FORCE_CPU_ONLY_INPUT_TENSORS' must be yes or no for Python model 'm', got 'true'",
  );
});

test("FUNCTION must be a name that Python has functions of", () => {
  const expected = "parameter 'FUNCTION' must be name of a function in model.py for Python model 'm'";
  for (const text of ["", "a.b", "1st", "f()"]) fails("FUNCTION", text, `${expected}, got '${text}'`);
});

test.run();
