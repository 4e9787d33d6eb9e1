import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from "../../src/inference/half-precision.js";

test("binary16 patterns are read exactly", () => {
  const bits = Uint16Array.of(0x0000, 0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00);
  const values = [0, 1, -2, 65504, 2 ** -24, Number.POSITIVE_INFINITY];
  assert.equal([...float16ToFloat32(bits)], values);
});

test("binary16 rounds to nearest, ties to even, and overflows to infinity", () => {
  const between = 1 + 2 ** -11;
  assert.equal([...float32ToFloat16([between, between + 2 ** -10, 65520])], [0x3c00, 0x3c02, 0x7c00]);
});

test("bfloat16 is the upper half of a float32", () => {
  const bits = Uint16Array.of(0x3f80, 0xc000, 0x7f80, 0x0080);
  assert.equal([...bfloat16ToFloat32(bits)], [1, -2, Number.POSITIVE_INFINITY, 2 ** -126]);
});

test("bfloat16 rounds to nearest, ties to even, and overflows to infinity", () => {
  const tie = 1 + 2 ** -8;
  assert.equal([...float32ToBfloat16([tie, tie + 2 ** -7, 3.4e38])], [0x3f80, 0x3f82, 0x7f80]);
});

test("NaN stays NaN", () => {
  assert.ok(Number.isNaN(float16ToFloat32(float32ToFloat16([Number.NaN]))[0]));
  assert.ok(Number.isNaN(bfloat16ToFloat32(float32ToBfloat16([Number.NaN]))[0]));
});

test("every binary16 and bfloat16 value survives the round trip", () => {
  const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const halves = float16ToFloat32(all);
  const brains = bfloat16ToFloat32(all);
  const [halfBits, brainBits] = [float32ToFloat16(halves), float32ToBfloat16(brains)];
  for (const bits of all) {
    if (!Number.isNaN(halves[bits])) assert.is(halfBits[bits], bits);
    if (!Number.isNaN(brains[bits])) assert.is(brainBits[bits], bits);
  }
});

test.run();
