import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseBoolean, parseFloatingPoint, parseInteger } from "../../src/config/option-value.js";
import { Code } from "../../src/inference/serving-error.js";
import { rejects } from "./rejects.js";

test("booleans have four spellings each, in any case", () => {
  for (const text of ["true", "On", "1", "YES"]) assert.is(parseBoolean(text), true);
  for (const text of ["false", "Off", "0", "NO"]) assert.is(parseBoolean(text), false);
  rejects(() => parseBoolean("2"), Code.INVALID_ARGUMENT, "failed to convert '2' to boolean");
  rejects(() => parseBoolean(""), Code.INVALID_ARGUMENT, "failed to convert '' to boolean");
});

test("integers are what the text begins with", () => {
  assert.is(parseInteger("12"), 12);
  assert.is(parseInteger(" -3 threads"), -3);
  assert.is(parseInteger("4.9"), 4);
  for (const text of ["", "x1", "2147483648"]) {
    rejects(
      () => parseInteger(text),
      Code.INVALID_ARGUMENT,
      `failed to convert '${text}' to integral number`,
    );
  }
});

test("floating point numbers are what the text begins with", () => {
  assert.is(parseFloatingPoint("0.25"), 0.25);
  assert.is(parseFloatingPoint("1e-1x"), 0.1);
  rejects(
    () => parseFloatingPoint("half"),
    Code.INVALID_ARGUMENT,
    "failed to convert 'half' to floating point number",
  );
});

test.run();
