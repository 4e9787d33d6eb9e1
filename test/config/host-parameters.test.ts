import { test } from "uvu";
import * as assert from "uvu/assert";
import { hostParameters } from "../../src/config/host-parameters.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { rejects } from "./rejects.js";

const read = (key: string, text: string) =>
  hostParameters(configOf(`parameters { key: "${key}" value { string_value: "${text}" } }`));

test("without parameters a batch takes as long as it takes, and five restarts within a minute are enough", () => {
  assert.equal(hostParameters(configOf("")), { executionTimeoutSeconds: undefined, restarts: 5 });
});

test("reads both", () => {
  assert.is(read("EXECUTION_TIMEOUT_SECONDS", "2.5").executionTimeoutSeconds, 2.5);
  assert.is(read("HOST_RESTARTS", "0").restarts, 0);
});

test("EXECUTION_TIMEOUT_SECONDS must be a positive number", () => {
  const expected = "parameter 'EXECUTION_TIMEOUT_SECONDS' must be positive number of seconds for model 'm'";
  for (const text of ["0", "-1", "1e9"]) {
    rejects(
      () => read("EXECUTION_TIMEOUT_SECONDS", text),
      Code.INVALID_ARGUMENT,
      `${expected}, got '${text}'`,
    );
  }
  rejects(
    () => read("EXECUTION_TIMEOUT_SECONDS", "1s"),
    Code.INVALID_ARGUMENT,
    `${expected}: failed to convert '1s' to floating point number`,
  );
});

test("HOST_RESTARTS must be a number of at least 0", () => {
  const expected = "parameter 'HOST_RESTARTS' must be number of at least 0 for model 'm', got '-1'";
  rejects(() => read("HOST_RESTARTS", "-1"), Code.INVALID_ARGUMENT, expected);
});

test.run();
