import { test } from "uvu";
import * as assert from "uvu/assert";
import { cpuFlags } from "../../src/engine/cpu-flags.js";

test("as Linux lists them for x86 and for ARM", () => {
  assert.ok(cpuFlags("processor : 0\nflags\t\t: fpu avx2 fma\nbugs :\n")?.has("avx2"));
  assert.ok(cpuFlags("processor\t: 0\nFeatures\t: fp asimd sve\n")?.has("sve"));
});

test("unknown where there is no such list", () => {
  assert.is(cpuFlags(""), undefined);
});

test.run();
