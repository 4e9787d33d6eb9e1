import { test } from "uvu";
import * as assert from "uvu/assert";
import { isolation } from "../../src/config/isolation.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { rejects } from "./rejects.js";

const of = (fields: string, value?: string) =>
  isolation(
    configOf(
      value === undefined
        ? fields
        : `${fields} parameters { key: "ISOLATION" value { string_value: "${value}" } }`,
    ),
  );

const tensorFlow = 'backend: "tensorflow"';
const python = 'backend: "python"';

test("TensorFlow and PyTorch models run in the server's process unless they ask for one of their own", () => {
  for (const backend of [tensorFlow, 'backend: "pytorch"']) {
    assert.is(of(backend), "none");
    assert.is(of(backend, "none"), "none");
    assert.is(of(backend, "process"), "process");
  }
});

test("Python models have a process of their own", () => {
  assert.is(of(python), "process");
  assert.is(of(python, "process"), "process");
  assert.is(of('backend: "pytorch" runtime: "model.py"'), "process");
  rejects(
    () => of(python, "none"),
    Code.INVALID_ARGUMENT,
    "parameter 'ISOLATION' must be process for Python model 'm', got 'none'",
  );
});

test("another value is an error", () => {
  rejects(
    () => of(tensorFlow, "thread"),
    Code.INVALID_ARGUMENT,
    "parameter 'ISOLATION' must be process or none for model 'm', got 'thread'",
  );
});

test.run();
