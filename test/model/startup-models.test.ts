import { test } from "uvu";
import * as assert from "uvu/assert";
import { Code } from "../../src/inference/serving-error.js";
import { startupModels } from "../../src/model/startup-models.js";
import { rejects } from "../config/rejects.js";

const found = ["a", "b"];

test("without explicit control all models are loaded, unless some are asked for", () => {
  assert.equal(startupModels(undefined, "none", found), found);
  assert.equal(startupModels([], "none", found), []);
  assert.equal(startupModels(["b"], "none", found), ["b"]);
});

test("with explicit control none is, unless some are asked for", () => {
  assert.equal(startupModels(undefined, "explicit", found), []);
  assert.equal(startupModels(["b", "unknown", "b"], "explicit", found), ["b", "unknown"]);
});

test("* alone is all of them, and with others an error", () => {
  assert.equal(startupModels(["*"], "explicit", found), found);
  rejects(
    () => startupModels(["a", "*"], "explicit", found),
    Code.INVALID_ARGUMENT,
    "Wildcard model name '*' must be the ONLY startup model if specified at all. Got a, *",
  );
});

test.run();
