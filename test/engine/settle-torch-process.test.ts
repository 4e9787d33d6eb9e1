import { test } from "uvu";
import * as assert from "uvu/assert";
import type { TorchProcessSettings } from "../../src/config/torch-parameters.js";
import { settleTorchProcess } from "../../src/engine/settle-torch-process.js";

const untouched: TorchProcessSettings = {
  interOpThreads: undefined,
  jitExecutor: undefined,
  jitProfiling: undefined,
  tensorFuser: undefined,
};

/** A process in which everything is settled. */
const addon = {
  settleProcess: () => ({ interOpThreads: 3, jitExecutor: true, jitProfiling: false, tensorFuser: true }),
};

test("what a model does not ask for, or is as it asks for, is not worth a warning", () => {
  assert.equal(settleTorchProcess(addon, "m", untouched), []);
  assert.equal(settleTorchProcess(addon, "m", { ...untouched, interOpThreads: 3, jitProfiling: false }), []);
});

test("what another model has settled otherwise is told, each by its parameter's name", () => {
  const wanted = { interOpThreads: 4, jitExecutor: false, jitProfiling: true, tensorFuser: false };
  const warnings = settleTorchProcess(addon, "m", wanted);
  assert.is(warnings.length, 4);
  for (const [i, begin] of [
    "model 'm' asks for INTER_OP_THREAD_COUNT 4, but it is 3",
    "model 'm' asks for ENABLE_JIT_EXECUTOR false, but it is true",
    "model 'm' asks for ENABLE_JIT_PROFILING true, but it is false",
    "model 'm' asks for ENABLE_TENSOR_FUSER false, but it is true",
  ].entries()) {
    assert.ok(warnings[i]?.startsWith(begin), warnings[i]);
  }
});

test.run();
