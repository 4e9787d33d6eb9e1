import { test } from "uvu";
import * as assert from "uvu/assert";
import { Code, ServingError } from "../../src/inference/serving-error.js";

test("a ServingError passes through", () => {
  const error = new ServingError(Code.NOT_FOUND, "gone");
  assert.is(ServingError.from(error), error);
});

test("a binding's error keeps its code", () => {
  const thrown = Object.assign(new Error("bad graph"), { code: 3 });
  const { code, message, cause } = ServingError.from(thrown);
  assert.equal([code, message], [Code.INVALID_ARGUMENT, "bad graph"]);
  assert.is(cause, thrown);
});

test("anything else is INTERNAL", () => {
  const files = Object.assign(new Error("no such file"), { code: "ENOENT" });
  for (const [thrown, message] of [
    [files, "no such file"],
    [Object.assign(new Error("odd"), { code: 99 }), "odd"],
    ["text", "text"],
    [undefined, "undefined"],
  ] as const) {
    const error = ServingError.from(thrown);
    assert.equal([error.code, error.message], [Code.INTERNAL, message]);
  }
});

test.run();
