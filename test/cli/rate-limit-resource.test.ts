import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseRateLimitResource } from "../../src/cli/rate-limit-resource.js";
import { Code } from "../../src/inference/serving-error.js";
import { rejects } from "../config/rejects.js";

test("a resource has a name and a count, and where it is one device's that one", () => {
  assert.equal(parseRateLimitResource("R1:10"), { name: "R1", count: 10 });
  assert.equal(parseRateLimitResource("R2:5:0"), { name: "R2", count: 5, device: 0 });
  assert.equal(parseRateLimitResource("a b:0"), { name: "a b", count: 0 });
});

test("anything else is an error that says what would be right and what was given", () => {
  for (const text of ["", "R", "R:", ":1", "R:x", "R:-1", "R:1.5", "R:1:", "R:1:cpu", "R:1:-1", "R:1:0:0"]) {
    rejects(
      () => parseRateLimitResource(text),
      Code.INVALID_ARGUMENT,
      `--rate-limit-resource: expected NAME:COUNT or NAME:COUNT:DEVICE, with a COUNT and a DEVICE of 0 or more, got '${text}'`,
    );
  }
});

test.run();
