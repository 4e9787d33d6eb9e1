import type { Shape } from "../inference/shape.js";

/**
 * The same elements under another shape: variable dimensions keep their values, in order.
 *
 * @param actual a shape that fits `from`; with `batched`, behind a batch dimension, which is kept
 * @param from dims as configured on the side that `actual` is of, -1 variable
 * @param to dims of the other side, with as many variable ones
 * @returns undefined if `actual` has another rank than `from` or differs from it in a fixed dimension
 * @see Triton `ModelTensorReshape`
 */
export function reshaped(actual: Shape, from: Shape, to: Shape, batched: boolean): number[] | undefined {
  const first = batched ? 1 : 0;
  if (actual.length !== from.length + first) return undefined;
  const variable: number[] = [];
  for (let i = 0; i < from.length; i++) {
    const dim = actual[i + first] as number;
    if (from[i] === -1) variable.push(dim);
    else if (from[i] !== dim) return undefined;
  }
  let used = 0;
  const shape = to.map((dim) => (dim === -1 ? (variable[used++] as number) : dim));
  return batched ? [actual[0] as number, ...shape] : shape;
}
