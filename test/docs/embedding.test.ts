import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { packageRoot } from "../../src/engine/addon-build.js";
import { runPython } from "../support/python.js";

/** The blocks of one language of docs/embedding.md, one after the other. */
function blocks(language: string): string {
  const text = readFileSync(join(packageRoot, "docs/embedding.md"), "utf8");
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
    .filter(([, name]) => name === language)
    .map(([, , code]) => code)
    .join("");
}

test("the program of docs/embedding.md prints what it says there", () => {
  runPython(join(packageRoot, "examples/make-models.py"), []);
  const program = join(packageRoot, "embedding-of-the-docs.mjs"); // here, so that it finds the package by its name
  writeFileSync(program, blocks("js"));
  try {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program], {
      cwd: packageRoot,
      encoding: "utf8",
    });
    assert.is(status, 0, stderr);
    assert.is(stdout, blocks("text"));
  } finally {
    rmSync(program);
  }
});

test.run();
