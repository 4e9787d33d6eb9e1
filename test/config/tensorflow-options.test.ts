import { test } from "uvu";
import * as assert from "uvu/assert";
import { tensorFlowBackendOptions } from "../../src/config/tensorflow-options.js";
import { Code } from "../../src/inference/serving-error.js";
import { rejects } from "./rejects.js";

const backend = (settings: Record<string, string> = {}) =>
  tensorFlowBackendOptions(new Map(Object.entries(settings)));

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
