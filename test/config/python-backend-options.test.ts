import { test } from "uvu";
import * as assert from "uvu/assert";
import { pythonBackendOptions } from "../../src/config/python-backend-options.js";
import { Code } from "../../src/inference/serving-error.js";
import { rejects } from "./rejects.js";

const backend = (settings: Record<string, string> = {}) =>
  pythonBackendOptions(new Map(Object.entries(settings)));

test("the backend's options have Triton's defaults", () => {
  assert.equal(backend(), {
    shmDefaultByteSize: 1_048_576,
    shmGrowthByteSize: 1_048_576,
    stubTimeoutSeconds: 30,
    warnings: [],
  });
});

test("sizes may be larger than 2 GiB", () => {
  const { shmDefaultByteSize, shmGrowthByteSize, stubTimeoutSeconds } = backend({
    "shm-default-byte-size": "8589934592",
    "shm-growth-byte-size": "4096",
    "stub-timeout-seconds": "120",
  });
  assert.is(shmDefaultByteSize, 8_589_934_592);
  assert.is(shmGrowthByteSize, 4096);
  assert.is(stubTimeoutSeconds, 120);
});

test("what Tandem's processes do not need is warned about", () => {
  const settings = {
    "shm-region-prefix-name": "mine",
    "thread-pool-size": "8",
    shm_message_queue_size: "10",
  };
  assert.equal(backend(settings).warnings, [
    "--backend-config=python,shm-region-prefix-name has no effect: shared memory has no name",
    "--backend-config=python,thread-pool-size has no effect: one thread serves all processes",
    "--backend-config=python,shm_message_queue_size has no effect: each instance has one batch at a time",
  ]);
});

test("settings for every backend pass", () => {
  assert.equal(backend({ "default-max-batch-size": "8" }), backend());
});

for (const [key, demand, outOfRange] of [
  ["shm-default-byte-size", "at least 1048576 (1 MiB)", "1048575"],
  ["shm-growth-byte-size", "positive number", "0"],
  ["stub-timeout-seconds", "positive number", "0"],
  ["thread-pool-size", "positive number", "0"],
  ["shm_message_queue_size", "positive number", "-1"],
] as const) {
  test(`${key} must be ${demand}`, () => {
    const expected = `--backend-config=python,${key} must be ${demand}`;
    rejects(() => backend({ [key]: outOfRange }), Code.INVALID_ARGUMENT, `${expected}, got '${outOfRange}'`);
    rejects(
      () => backend({ [key]: "1M" }),
      Code.INVALID_ARGUMENT,
      new RegExp(`^${expected.replace(/[()]/g, "\\$&")}: failed to convert '1M' to .*integral number$`),
    );
  });
}

test.run();
