import { test } from "uvu";
import * as assert from "uvu/assert";
import { tensorFlowAccelerators } from "../../src/config/tensorflow-accelerators.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { rejects } from "./rejects.js";

type Kind = Parameters<typeof tensorFlowAccelerators>[1];

/** @param given accelerators as in config.pbtxt: `name: "gpu_io"` */
const accelerators = (given: readonly string[], kind: Kind = "KIND_GPU", processor = "gpu") => {
  const each = given.map((text) => `${processor}_execution_accelerator { ${text} }`);
  return tensorFlowAccelerators(
    configOf(`optimization { execution_accelerators { ${each.join(" ")} } }`),
    kind,
  );
};
const tensorRt = (key: string, value: string) =>
  `name: "tensorrt" parameters { key: "${key}" value: "${value}" }`;

test("none is none", () => {
  const none = { rewriteOptions: {}, warnings: [] };
  assert.equal(tensorFlowAccelerators(configOf(""), "KIND_GPU"), none);
  assert.equal(accelerators([]), none);
});

test("there is none for CPUs", () => {
  rejects(
    () => accelerators(['name: "openvino"'], "KIND_CPU", "cpu"),
    Code.INVALID_ARGUMENT,
    "CPU Execution Accelerator is not supported in TensorFlow backend",
  );
});

test("an instance on the CPU ignores those for GPUs, with a warning", () => {
  for (const text of ['name: "auto_mixed_precision"', tensorRt("precision_mode", "FP8"), 'name: "other"']) {
    const { rewriteOptions, warnings } = accelerators([text], "KIND_CPU");
    assert.equal(rewriteOptions, {});
    assert.is(warnings.length, 1);
    assert.match(
      warnings[0] as string,
      "model 'm': GPU Execution Accelerator will be ignored for model instance on CPU",
    );
  }
});

test("auto_mixed_precision is an option of the graph's optimiser", () => {
  for (const kind of ["KIND_GPU", "KIND_MODEL"] as const) {
    const { rewriteOptions, warnings } = accelerators(['name: "auto_mixed_precision"'], kind);
    assert.equal(rewriteOptions, { auto_mixed_precision: "ON" });
    assert.equal(warnings, []);
  }
});

test("gpu_io is warned about", () => {
  const { rewriteOptions, warnings } = accelerators(['name: "gpu_io"']);
  assert.equal(rewriteOptions, {});
  assert.match(warnings[0] as string, "execution accelerator 'gpu_io' has no effect");
});

for (const [given, code, message] of [
  [['name: "fast"'], Code.INVALID_ARGUMENT, "unknown Execution Accelerator 'fast' is requested"],
  [
    [tensorRt("speed", "1")],
    Code.INVALID_ARGUMENT,
    "unknown parameter 'speed' is provided for TensorRT Execution Accelerator",
  ],
  [
    [tensorRt("minimum_segment_size", "abc")],
    Code.INVALID_ARGUMENT,
    "failed to convert 'abc' to long long integral number",
  ],
  [
    [tensorRt("precision_mode", "INT4")],
    Code.INVALID_ARGUMENT,
    "unsupported precision mode 'INT4' is requested",
  ],
  [
    ['name: "auto_mixed_precision"', 'name: "tensorrt"'],
    Code.INVALID_ARGUMENT,
    "Auto mixed precision can not be set with TFTRT optimization",
  ],
  [
    [tensorRt("max_cached_engines", "8")],
    Code.UNIMPLEMENTED,
    /model 'm': execution accelerator 'tensorrt' is not available in this TensorFlow/,
  ],
] as const) {
  test(`on a GPU: ${message}`, () => rejects(() => accelerators(given), code, message));
}

test.run();
