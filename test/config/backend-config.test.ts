import { test } from "uvu";
import * as assert from "uvu/assert";
import { backendSettings, parseBackendConfig } from "../../src/config/backend-config.js";
import { Code } from "../../src/inference/serving-error.js";
import { rejects } from "./rejects.js";

const settings = (backend: string, ...values: string[]) =>
  Object.fromEntries(backendSettings(parseBackendConfig(values), backend));

test("a setting is for one backend", () => {
  assert.equal(settings("tensorflow", "tensorflow,version=2", "python,version=3"), { version: "2" });
});

test("a setting without a backend is for all, and a backend's own wins", () => {
  const values = ["tensorflow,default-max-batch-size=8", "default-max-batch-size=2"];
  assert.equal(settings("tensorflow", ...values), { "default-max-batch-size": "8" });
  assert.equal(settings("pytorch", ...values), { "default-max-batch-size": "2" });
});

test("the last of several wins, and a value may have any characters", () => {
  assert.equal(settings("x", "x,a=1", "x,a=b=c,d"), { a: "b=c,d" });
  assert.equal(settings("x", "x,a="), { a: "" });
});

test("a setting without key or value is an error", () => {
  for (const value of ["tensorflow", "tensorflow,version", "tensorflow,=2", ""]) {
    rejects(
      () => parseBackendConfig([value]),
      Code.INVALID_ARGUMENT,
      `--backend-config option format is '<backend name>,<setting>=<value>'. Got ${value}`,
    );
  }
});

test.run();
