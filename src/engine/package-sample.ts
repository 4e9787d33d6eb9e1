import type { PackageInput } from "../config/aoti-source.js";

/** Sizes that a variable dimension gets where nobody says one. */
const MADE_UP_DIMENSION = 2;

/**
 * Shapes for one run of a package with made-up inputs: what the package demands, else what the configuration declares,
 * else `rows` for the first dimension of a batch and 2 for the rest; dimensions that have to be equal are.
 *
 * @param inputs by position in the package
 * @param declared likewise, shapes of the configuration, -1 variable; undefined: not configured
 * @param rows undefined: the model does not batch
 * @returns undefined where the package does not tell what it takes, and its code would trust the guess
 */
export function sampleShapes(
  inputs: readonly PackageInput[] | undefined,
  declared: readonly (readonly number[] | undefined)[],
  rows: number | undefined,
): number[][] | undefined {
  const isKnown = inputs?.every(({ dims }) =>
    dims?.every((dim) => typeof dim === "number" || /^\w+$/.test(dim)),
  );
  if (inputs === undefined || isKnown !== true) return undefined;
  const sizes = new Map<string, number>();
  for (const [i, { dims = [] }] of inputs.entries()) {
    for (const [d, dim] of dims.entries()) {
      if (typeof dim === "number") continue;
      const isBatch = d === 0 && rows !== undefined;
      const size = isBatch ? rows : (declared[i]?.[d] ?? -1);
      if (size >= 0) sizes.set(dim, size);
    }
  }
  return inputs.map(({ dims = [] }) =>
    dims.map((dim) => (typeof dim === "number" ? dim : (sizes.get(dim) ?? MADE_UP_DIMENSION))),
  );
}
