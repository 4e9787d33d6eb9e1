import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runPython } from "../support/python.js";

const maker = fileURLToPath(new URL("../model/make-weights.py", import.meta.url));
const program = fileURLToPath(new URL("unload-program.ts", import.meta.url));
const MEGABYTE = 2 ** 20;

test("a SavedModel of backend python gives all its memory back when it is unloaded", () => {
  const path = mkdtempSync(join(tmpdir(), "tandem-unload-"));
  try {
    runPython(maker, [path, "4", String((200 * MEGABYTE) / 4 / 4), "0"]);
    const printed = execFileSync(process.execPath, ["--import", "tsx", program, path], { encoding: "utf8" });
    const [before = 0, ...later] = (JSON.parse(printed) as number[]).map((bytes) => bytes / MEGABYTE);
    for (let cycle = 0; cycle < 3; cycle++) {
      assert.ok((later[2 * cycle] as number) > before + 200, `loaded: ${later}`);
      // What is left is the program's own: its code and JavaScript's heap.
      assert.ok((later[2 * cycle + 1] as number) < before + 60, `closed: ${later}, before: ${before}`);
    }
  } finally {
    rmSync(path, { recursive: true });
  }
});

test.run();
