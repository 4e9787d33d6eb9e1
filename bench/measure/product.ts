/** The built package, as users get it: benches measure what `npm run build` made, not what a test runner transpiles. */
export const product = (await import(
  new URL("../../lib/index.js", import.meta.url).href
)) as typeof import("../../src/index.js");
