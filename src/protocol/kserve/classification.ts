import { encodeBytesElements } from "../../inference/bytes-elements.js";
import { invalidArgument } from "../../inference/serving-error.js";
import { elementCount } from "../../inference/shape.js";
import { Tensor } from "../../inference/tensor.js";

const maxElements = 1_000_000;

/**
 * An output as its `classes` greatest values, greatest first: a BYTES tensor of `<value>:<index>[:<label>]`.
 *
 * @param isBatched whether the first dimension is the batch; each item of it is classified by itself
 * @param labels by class index
 * @returns shape `[batch, k]`, or `[k]` without batching, where k = min(classes, elements of one item)
 * @throws {ServingError} INVALID_ARGUMENT for FP16, BF16, BOOL and BYTES outputs and for more than a million elements
 * @see Triton "Classification Extension"
 */
export function classify(
  output: Tensor,
  classes: number,
  isBatched: boolean,
  labels: readonly string[] | undefined,
): Tensor {
  const { datatype } = output;
  if (datatype === "FP16" || datatype === "BF16" || datatype === "BOOL" || datatype === "BYTES") {
    throw invalidArgument(`class result not available for output due to unsupported type '${datatype}'`);
  }
  const count = elementCount(output.shape);
  if (count > maxElements) throw invalidArgument("classification output tensor too large");
  const isFloat = datatype === "FP32" || datatype === "FP64";
  const values = output.data as ArrayLike<number | bigint>;
  const batch = isBatched ? (output.shape[0] ?? 1) : 1;
  const perItem = batch === 0 ? 0 : count / batch;
  const found = Math.min(classes, perItem);
  const elements: string[] = [];
  for (let item = 0; item < batch; item++) {
    const start = item * perItem;
    for (const index of greatest(values, start, perItem, found)) {
      const value = values[start + index] as number | bigint;
      const label = labels?.[index];
      const text = isFloat ? formatFixed(value as number) : `${value}`;
      elements.push(label === undefined ? `${text}:${index}` : `${text}:${index}:${label}`);
    }
  }
  const shape = isBatched ? [batch, found] : [found];
  return new Tensor(output.name, "BYTES", shape, encodeBytesElements(elements));
}

/** Indices of the `found` greatest of `count` values from `start`; equal values in order of index, NaN last. */
function greatest(values: ArrayLike<number | bigint>, start: number, count: number, found: number): number[] {
  const indices = Array.from({ length: count }, (_, index) => index);
  indices.sort((left, right) => compare(values[start + right], values[start + left]) || left - right);
  return indices.slice(0, found);
}

function compare(left: number | bigint | undefined, right: number | bigint | undefined): number {
  const a = left as number;
  const b = right as number;
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

/** Six decimals, as C's `%f` prints them: exact ties go to the even digit. */
export function formatFixed(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}.000000`;
  const millionths = Math.abs(value) * 1e6;
  const isTie = millionths % 1 === 0.5 && Number.isInteger(value * 128);
  if (isTie && Math.floor(millionths) % 2 === 0) {
    return (Math.sign(value) * (Math.floor(millionths) / 1e6)).toFixed(6);
  }
  return Object.is(value, -0) ? "-0.000000" : value.toFixed(6);
}
