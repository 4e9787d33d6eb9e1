import { test } from "uvu";
import * as assert from "uvu/assert";
import { lineLevel } from "../../src/engine/line-level.js";

test("TensorFlow's lines say themselves how important they are", () => {
  assert.is(lineLevel("I0000 00:00:1795384208.325323   20925 port.cc:153] oneDNN is on"), "info");
  assert.is(lineLevel("W0000 00:00:1795384208.325323   20925 a.cc:1] careful"), "warn");
  assert.is(lineLevel("F1122 10:00:17.325323   20925 a.cc:1] dead"), "error");
  assert.is(lineLevel("2026-11-22 21:56:02.055000: E external/a.cc:7] no device"), "error");
});

test("anything else on standard error is a warning", () => {
  assert.is(lineLevel("Traceback (most recent call last):"), "warn");
  assert.is(lineLevel("I am a line"), "warn");
});

test("the announcement of TensorFlow's first line is for debugging", () => {
  const line = "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR";
  assert.is(lineLevel(line), "debug");
});

test.run();
