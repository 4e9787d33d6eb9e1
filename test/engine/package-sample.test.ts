import { test } from "uvu";
import * as assert from "uvu/assert";
import type { PackageInput } from "../../src/config/aoti-source.js";
import { sampleShapes } from "../../src/engine/package-sample.js";

const input = (...dims: (number | string)[]): PackageInput => ({
  dataType: "TYPE_FP32",
  dims,
  isContiguous: true,
  maxRows: undefined,
});

test("what the package fixes, then what the configuration declares, then the rows, then 2", () => {
  const shapes = sampleShapes([input("s0", 4, "s1", "s2")], [[-1, 4, 7, -1]], 3);
  assert.equal(shapes, [[3, 4, 7, 2]]);
});

test("dimensions that the package wants equal are", () => {
  const shapes = sampleShapes(
    [input("s0", "s1"), input("s1"), input("s0")],
    [[-1, -1], [5], undefined],
    undefined,
  );
  assert.equal(shapes, [[2, 5], [5], [2]]);
});

test("no guess where the package does not tell, or calculates with a dimension", () => {
  assert.is(sampleShapes(undefined, [], 1), undefined);
  assert.is(sampleShapes([{ ...input(), dims: undefined }], [[2]], 1), undefined);
  assert.is(sampleShapes([input("2L*s0")], [[-1]], undefined), undefined);
});

test.run();
