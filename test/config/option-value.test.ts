import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  parseBoolean,
  parseFloatingPoint,
  parseInteger,
  parseLongInteger,
  readOption,
} from "../../src/config/option-value.js";
import { Code } from "../../src/inference/serving-error.js";
import { rejects } from "./rejects.js";

test("booleans have four spellings each, in any case", () => {
  for (const text of ["true", "On", "1", "YES"]) assert.is(parseBoolean(text), true);
  for (const text of ["false", "Off", "0", "NO"]) assert.is(parseBoolean(text), false);
  rejects(() => parseBoolean("2"), Code.INVALID_ARGUMENT, "failed to convert '2' to boolean");
  rejects(() => parseBoolean(""), Code.INVALID_ARGUMENT, "failed to convert '' to boolean");
});

test("integers are 32-bit numbers and nothing else", () => {
  assert.is(parseInteger("12"), 12);
  assert.is(parseInteger(" -3 "), -3);
  for (const text of ["", "x1", "2x", "4.9", "0x10", "2147483648"]) {
    rejects(
      () => parseInteger(text),
      Code.INVALID_ARGUMENT,
      `failed to convert '${text}' to integral number`,
    );
  }
});

test("long integers have up to 53 bits", () => {
  assert.is(parseLongInteger("4294967296"), 4_294_967_296);
  for (const text of ["", "1M", "0.5", "9007199254740993"]) {
    rejects(
      () => parseLongInteger(text),
      Code.INVALID_ARGUMENT,
      `failed to convert '${text}' to long long integral number`,
    );
  }
});

test("floating point numbers are finite, decimal and nothing else", () => {
  assert.is(parseFloatingPoint("0.25"), 0.25);
  assert.is(parseFloatingPoint("1e-1"), 0.1);
  assert.is(parseFloatingPoint("-1."), -1);
  for (const text of ["half", "", "1x", "0x1", "inf", "nan", "1e999"]) {
    rejects(
      () => parseFloatingPoint(text),
      Code.INVALID_ARGUMENT,
      `failed to convert '${text}' to floating point number`,
    );
  }
});

test("what is wrong with an option is told with its name and what it has to be", () => {
  const rule = { parse: parseInteger, isValid: (value: number) => value > 0 };
  const read = (text: string) => readOption(text, "--n must be a positive number", rule);
  assert.is(read("1"), 1);
  rejects(() => read("0"), Code.INVALID_ARGUMENT, "--n must be a positive number, got '0'");
  rejects(
    () => read("x"),
    Code.INVALID_ARGUMENT,
    "--n must be a positive number: failed to convert 'x' to integral number",
  );
});

test.run();
