import { type Datatype, elementByteSize } from "../../inference/datatype.js";
import { invalidArgument } from "../../inference/serving-error.js";
import { elementCount, formatShape, type Shape } from "../../inference/shape.js";
import { asArray, asUnsigned } from "./json-access.js";

const maxInt64 = 2n ** 63n - 1n;

/** The `shape` member of an input. Throws INTERNAL unless it is an array of non-negative integers. */
export function readShape(value: unknown): Shape {
  return asArray(value, "shape").map((dim) => asUnsigned(dim, "shape"));
}

/**
 * How many elements a tensor of this shape has, checked against what 64-bit sizes can say.
 *
 * @throws {ServingError} INVALID_ARGUMENT if the count or the byte size overflows
 */
export function checkedElementCount(input: string, datatype: Datatype, shape: Shape): number {
  const count = elementCount(shape);
  if (count * 8 > Number.MAX_SAFE_INTEGER) checkOverflow(input, datatype, shape);
  return count;
}

function checkOverflow(input: string, datatype: Datatype, shape: Shape): void {
  const dims = shape.map(BigInt);
  if (dims.some((dim) => dim > maxInt64)) {
    throw invalidArgument(
      `invalid shape for input '${input}': shape ${formatShape(shape)} contains one or more invalid dimensions`,
    );
  }
  const count = dims.reduce((product, dim) => product * dim, 1n);
  if (count > maxInt64) {
    throw invalidArgument(
      `invalid shape for input '${input}': shape ${formatShape(shape)} causes total element count to exceed maximum size of ${maxInt64}`,
    );
  }
  const size = BigInt(elementByteSize(datatype));
  if (count * size > maxInt64) {
    throw invalidArgument(
      `byte size overflow for input '${input}': element count (${count}) * data type size (${size}) exceeds maximum allowed size (${maxInt64})`,
    );
  }
}
