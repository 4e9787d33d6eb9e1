import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { withTables } from "../../bench/document.js";
import { packageRoot } from "../../src/engine/addon-build.js";

const text = readFileSync(join(packageRoot, "docs/benchmarks.md"), "utf8");

test("docs/benchmarks.md has the tables of bench/results", () => {
  assert.is(withTables(text), text);
});

test("every table in docs/benchmarks.md has its result file", () => {
  const names = [...text.matchAll(/<!-- ([\w-]+) -->\n/g)]
    .map(([, name]) => name)
    .filter((name) => name !== "end");
  assert.ok(names.length >= 5);
  for (const name of names) assert.ok(existsSync(join(packageRoot, `bench/results/${name}.json`)), name);
});

test.run();
