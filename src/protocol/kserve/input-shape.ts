import { type Datatype, elementByteSize } from "../../inference/datatype.js";
import { invalidArgument } from "../../inference/serving-error.js";
import { elementCount, type Shape } from "../../inference/shape.js";
import { asArray, asUnsigned, needsExactNumbers } from "./json-access.js";

const maxInt64 = 2n ** 63n - 1n;

/** The `shape` member of an input. Throws INTERNAL unless it is an array of non-negative integers. */
export function readShape(input: string, datatype: Datatype, value: unknown): Shape {
  const dims = asArray(value, "shape");
  const shape = dims.map((dim) => asUnsigned(dim, "shape"));
  if (shape.some(isInexact) || elementCount(shape) * 8 > Number.MAX_SAFE_INTEGER) {
    if (dims.some(isInexact)) throw needsExactNumbers;
    checkOverflow(input, datatype, (dims as (number | bigint)[]).map(BigInt));
  }
  return shape;
}

function isInexact(dim: unknown): boolean {
  return typeof dim === "number" && !Number.isSafeInteger(dim);
}

/** Throws INVALID_ARGUMENT if 64-bit sizes cannot say how large the tensor is. */
function checkOverflow(input: string, datatype: Datatype, dims: readonly bigint[]): void {
  const invalidShape = `invalid shape for input '${input}': shape [${dims.join(",")}]`;
  if (dims.some((dim) => dim > maxInt64)) {
    throw invalidArgument(`${invalidShape} contains one or more invalid dimensions`);
  }
  const count = dims.reduce((product, dim) => product * dim, 1n);
  if (count > maxInt64) {
    throw invalidArgument(`${invalidShape} causes total element count to exceed maximum size of ${maxInt64}`);
  }
  const size = BigInt(elementByteSize(datatype));
  if (count * size > maxInt64) {
    throw invalidArgument(
      `byte size overflow for input '${input}': element count (${count}) * data type size (${size}) exceeds maximum allowed size (${maxInt64})`,
    );
  }
}
