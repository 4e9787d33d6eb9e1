import { test } from "uvu";
import * as assert from "uvu/assert";
import { sameShapes, shapeAgreement } from "../../src/scheduler/same-shapes.js";

test("requests agree if all dimensions but the first are the same", () => {
  assert.ok(sameShapes([[1, 2], [1]], [[3, 2], [4]]));
  assert.not(sameShapes([[1, 2]], [[1, 3]]));
  assert.not(sameShapes([[1, 2]], [[1, 2, 1]]));
});

test("requests agree only if they have the same inputs", () => {
  assert.ok(sameShapes([undefined, [1]], [undefined, [2]]));
  assert.not(sameShapes([[1], [1]], [undefined, [1]]));
});

test("shapes of ragged inputs need not agree, but all requests have one or none", () => {
  const agree = shapeAgreement([{ ragged: true }, { ragged: false }, {}]);
  assert.ok(agree([[1, 2], [1, 3], [1]], [[2, 5, 7], [1, 3], [1]]));
  assert.not(agree([[1, 2], [1, 3], [1]], [[1, 2], [1, 4], [1]]));
  assert.not(agree([[1, 2], [1, 3], [1]], [undefined, [1, 3], [1]]));
  assert.ok(agree([undefined, [1, 3], [1]], [undefined, [1, 3], [1]]));
});

test("models without ragged inputs use the plain rule", () => {
  assert.is(shapeAgreement([{}, { ragged: false }]), sameShapes);
  assert.is(shapeAgreement(undefined), sameShapes);
});

test.run();
