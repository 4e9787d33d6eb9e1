import * as assert from "uvu/assert";
import type { Tensor } from "../../src/inference/tensor.js";

/** How far a floating-point element may be from the expected one: `absolute + relative * |expected|`. */
export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

const ROUNDING: Tolerance = { absolute: 1e-5, relative: 1e-5 };

/** Asserts that tensors agree by name, datatype and shape; bytes for bytes, floating-point elements within `tolerance`. */
export function assertTensors(
  actual: readonly Tensor[],
  expected: readonly Tensor[],
  tolerance: Tolerance = ROUNDING,
): void {
  assert.equal(actual.map(({ name }) => name).sort(), expected.map(({ name }) => name).sort());
  for (const one of expected) {
    assertTensor(actual.find(({ name }) => name === one.name) as Tensor, one, tolerance);
  }
}

export function assertTensor(actual: Tensor, expected: Tensor, tolerance: Tolerance = ROUNDING): void {
  const { name, datatype, shape } = actual;
  assert.equal({ name, datatype, shape: [...shape] }, describe(expected));
  if (!["FP16", "BF16", "FP32", "FP64"].includes(datatype)) {
    assert.ok(Buffer.compare(actual.bytes, expected.bytes) === 0, `${name}: other elements than expected`);
    return;
  }
  const [got, wanted] = [numbers(actual), numbers(expected)];
  assert.is(got.length, wanted.length, `${name}: number of elements`);
  for (let i = 0; i < wanted.length; i++) {
    const allowed = tolerance.absolute + tolerance.relative * Math.abs(wanted[i]!);
    const close = Math.abs(got[i]! - wanted[i]!) <= allowed || Object.is(got[i], wanted[i]);
    assert.ok(close, `${name}[${i}] is ${got[i]}, expected ${wanted[i]}`);
  }
}

function describe({ name, datatype, shape }: Tensor) {
  return { name, datatype, shape: [...shape] };
}

function numbers(tensor: Tensor): Float32Array | Float64Array {
  return tensor.datatype === "FP64" ? (tensor.data as Float64Array) : tensor.toFloat32Array();
}
