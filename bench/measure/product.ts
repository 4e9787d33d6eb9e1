/** A module as built: benches measure what `npm run build` made, not what a test runner transpiles. */
export function built(path: string): Promise<unknown> {
  return import(new URL(`../../lib/${path}`, import.meta.url).href);
}

/** The package as users get it. */
export const product = (await built("index.js")) as typeof import("../../src/index.js");
