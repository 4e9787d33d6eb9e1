/** Dimensions, outermost first. In a model's metadata -1 stands for a variable dimension; a tensor's own are all >= 0. */
export type Shape = readonly number[];

/** Product of the dimensions: 1 for a scalar. -1 if any dimension is variable. */
export function elementCount(shape: Shape): number {
  let count = 1;
  for (const dim of shape) {
    if (dim < 0) return -1;
    count *= dim;
  }
  return count;
}

/** As error texts show a shape: `[-1,16]`, no spaces. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(",")}]`;
}
