import * as assert from "uvu/assert";
import { Code, ServingError } from "../../src/inference/serving-error.js";

/** Asserts that `act` throws a ServingError of this code whose message is `message`, or contains or matches it. */
export function rejects(act: () => unknown, code: Code, message: string | RegExp): void {
  let thrown: unknown;
  try {
    act();
  } catch (error) {
    thrown = error;
  }
  assert.instance(thrown, ServingError, `nothing was thrown, expected: ${message}`);
  const error = thrown as ServingError;
  if (typeof message === "string") assert.is(error.message, message);
  else assert.match(error.message, message);
  assert.is(Code[error.code], Code[code]);
}
