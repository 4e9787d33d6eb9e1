import type { Shape } from "../inference/shape.js";

type Shapes = readonly (Shape | undefined)[];

/** Whether two requests, given by the shapes of their inputs, may share a batch. */
export type ShapeAgreement = (a: Shapes, b: Shapes) => boolean;

/**
 * Whether two requests may share a batch: they have the same inputs, with equal shapes but for the batch dimension.
 *
 * @param a shape of each input, the batch dimension first; undefined where an optional input is absent
 */
export function sameShapes(a: Shapes, b: Shapes): boolean {
  for (let i = 0; i < a.length; i++) if (!sameShape(a[i], b[i])) return false;
  return true;
}

/**
 * The rule for a model's inputs: {@link sameShapes}, except that ragged ones only have to be there or not.
 *
 * @param inputs by position, where an engine describes them
 */
export function shapeAgreement(inputs: readonly { readonly ragged?: boolean }[] | undefined): ShapeAgreement {
  if (inputs === undefined || !inputs.some(({ ragged }) => ragged)) return sameShapes;
  const ragged = inputs.map((input) => input.ragged === true);
  return (a, b) =>
    ragged.every((isRagged, i) =>
      isRagged ? (a[i] === undefined) === (b[i] === undefined) : sameShape(a[i], b[i]),
    );
}

function sameShape(left: Shape | undefined, right: Shape | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  if (left.length !== right.length) return false;
  for (let d = 1; d < left.length; d++) if (left[d] !== right[d]) return false;
  return true;
}
