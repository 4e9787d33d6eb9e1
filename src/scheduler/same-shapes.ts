import type { Shape } from "../inference/shape.js";

/**
 * Whether two requests may share a batch: they have the same inputs, with equal shapes but for the batch dimension.
 *
 * @param a shape of each input, the batch dimension first; undefined where an optional input is absent
 */
export function sameShapes(a: readonly (Shape | undefined)[], b: readonly (Shape | undefined)[]): boolean {
  for (let i = 0; i < a.length; i++) {
    const [left, right] = [a[i], b[i]];
    if (left === undefined || right === undefined) {
      if (left !== right) return false;
      continue;
    }
    if (left.length !== right.length) return false;
    for (let d = 1; d < left.length; d++) if (left[d] !== right[d]) return false;
  }
  return true;
}
