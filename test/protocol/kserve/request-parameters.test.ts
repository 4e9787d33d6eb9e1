import { test } from "uvu";
import * as assert from "uvu/assert";
import { decode, faultOf } from "./requests.js";

function request(parameters: string) {
  return decode(`{"inputs":[],"parameters":${parameters}}`).request;
}

test("priority and timeout are the scheduler's", () => {
  const { priority, timeoutMicros, parameters } = request('{"priority":2,"timeout":5000}');
  assert.equal(
    { priority, timeoutMicros, parameters },
    { priority: 2, timeoutMicros: 5000, parameters: undefined },
  );
});

test("other parameters are the model's, integers with all their digits", () => {
  const { parameters } = request('{"s":"x","i":1,"d":1.5,"b":true,"big":9007199254740993,"__proto__":7}');
  assert.equal(Object.entries(parameters ?? {}), [
    ["s", "x"],
    ["i", 1],
    ["d", 1.5],
    ["b", true],
    ["big", 9007199254740993n],
    ["__proto__", 7],
  ]);
});

test("sequence parameters are checked, and no model's", () => {
  const sequence = '{"sequence_id":18446744073709551615,"sequence_start":true,"sequence_end":false}';
  assert.is(request(sequence).parameters, undefined);
  assert.is(
    faultOf(() => request('{"sequence_start":1}')),
    "INTERNAL: Unable to parse 'sequence_start': attempt to access JSON non-boolean as boolean",
  );
});

test("refuses parameters that are neither numbers, booleans nor strings", () => {
  for (const value of ["null", "[]", "{}"]) {
    assert.is(
      faultOf(() => request(`{"p":${value}}`)),
      "INVALID_ARGUMENT: parameter 'p' has invalid type. It should be either 'int', 'bool', or 'string'.",
    );
  }
});

test("refuses names reserved for the server", () => {
  assert.is(
    faultOf(() => request('{"triton_x":1}')),
    "INVALID_ARGUMENT: parameter keys starting with 'triton_' are reserved for Triton usage and should not be specified.",
  );
});

test("refuses a priority that is no number", () => {
  assert.is(
    faultOf(() => request('{"priority":"1"}')),
    "INTERNAL: Unable to parse 'priority': attempt to access JSON non-unsigned-integer as unsigned-integer",
  );
});

test.run();
