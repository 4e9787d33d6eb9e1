import { test } from "uvu";
import * as assert from "uvu/assert";
import { readPackageSource } from "../../src/config/aoti-source.js";

/** The lines of a package's source that tell of its tensors, for these sizes and strides of input `x`. */
const sourceOf = (sizes: string, strides: string, body = "") => `
    inputs_info_[0].name = "x";
    inputs_info_[1].name = "index";
    constants_info_[0].name = "weight";
    constants_info_[0].data_size = 2048;
    constants_info_[1].name = "count";
    constants_info_[1].data_size = 4;
    int32_t x_expected_dtype = aoti_torch_dtype_float32();
    int32_t index_expected_dtype = aoti_torch_dtype_complex64();
        ss << "input_handles[0]: dim value is too large at 0, "
           << "expected to be <= 64, " << "but got: ";
    if (_check_aoti_runtime_check_inputs_env()) { assert_size_stride(index, {}, {}, "input"); }
    if (_check_aoti_runtime_check_inputs_env()) { assert_size_stride(x, {${sizes}}, {${strides}}, "input"); }
    ${body}`;

const inputOf = (sizes: string, strides: string) => readPackageSource(sourceOf(sizes, strides)).inputs?.[0];

test("data types, sizes and variable dimensions of inputs, and how large the weights are", () => {
  const { inputs, weightBytes } = readPackageSource(sourceOf("s77, 16L, s3", "16L*s3, s3, 1L"));
  assert.equal(inputs, [
    { dataType: "TYPE_FP32", dims: ["s77", 16, "s3"], isContiguous: true, maxRows: 64 },
    { dataType: undefined, dims: [], isContiguous: true, maxRows: undefined },
  ]);
  assert.is(weightBytes, 2052);
});

test("how it is called", () => {
  const trees = readPackageSource(`in_spec_ = R"([1, "a"])";\nout_spec_ = R"([1, ")"])";\n`).trees;
  assert.equal(trees, { arguments: '[1, "a"]', results: '[1, ")"]' });
  assert.is(readPackageSource(sourceOf("3L", "1L")).trees, undefined);
});

test("the order of elements is row-major if the strides are products of the sizes behind", () => {
  for (const [sizes, strides] of [
    ["3L, 4L", "4L, 1L"],
    ["s1, s2, 4L", "4L*s2, 4L, 1L"],
    ["s1, s2, s3, ", "s2*s3, s3, 1L"],
    ["s1, 1L", "1L, 1L"],
    ["s1, 1L, 4L", "4L, 7L, 1L"],
    ["s1, s2", "s2 + 1L, 1L"],
  ] as const) {
    assert.is(inputOf(sizes, strides)?.isContiguous, true, sizes);
  }
  assert.is(inputOf("3L, 4L", "1L, 3L")?.isContiguous, false);
  assert.is(inputOf("s1, s2", "1L, s1")?.isContiguous, false);
});

test("dimensions that are no plain list are unknown", () => {
  assert.is(inputOf("c10::div_floor_integer(s1, 2L), 4L", "4L, 1L")?.dims, undefined);
});

test("what is handed to a kernel as a pointer to something that is not const is written to", () => {
  const reads = (name: string) => `kernel((const float*)(${name}.data_ptr()), (float*)(buf0.data_ptr()));`;
  const writes = (name: string) => `kernel((const float*)(buf0.data_ptr()), (float*)(${name}.data_ptr()));`;
  const told = (body: string) => {
    const { hasState, writesInputs } = readPackageSource(sourceOf("3L", "1L", body));
    return { hasState, writesInputs };
  };
  assert.equal(told(reads("x") + reads("count")), { hasState: false, writesInputs: false });
  assert.equal(told(writes("x")), { hasState: false, writesInputs: true });
  assert.equal(told(writes("count")), { hasState: true, writesInputs: false });
});

test("so is what an operation that writes has as its first argument, and anything that custom operations may get", () => {
  const told = (body: string) => readPackageSource(sourceOf("3L", "1L", body)).writesInputs;
  assert.is(told("aoti_torch_cpu_addmm_out(buf0, count, x, weight, 1L, 1L);"), false);
  assert.is(told("aoti_torch_copy_(x, buf0, 0);"), true);
  assert.is(told("aoti_torch_cpu_mm_out(x, buf0, weight);"), true);
  assert.is(told("aoti_torch_proxy_executor_call_function(proxy_executor, 0, 0);"), true);
});

test("without a source nothing is known, and inputs may be written to", () => {
  assert.equal(readPackageSource(""), {
    trees: undefined,
    inputs: undefined,
    weightBytes: 0,
    hasState: false,
    writesInputs: true,
  });
});

test.run();
