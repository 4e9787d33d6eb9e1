import { closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync } from "node:fs";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Code } from "../../src/inference/serving-error.js";
import { load } from "../../src/model/load.js";
import { runPython } from "../support/python.js";
import { rejection } from "./make-model.js";

const maker = fileURLToPath(new URL("make-weights.py", import.meta.url));
const GIB = 2 ** 30;
const VARIABLES = 5;
/** Of each variable: 512 MiB. */
const ELEMENTS = 2 ** 27;

const test = suite<{ directory: string }>("large models");
test.before.each((context) => {
  context.directory = mkdtempSync(join(tmpdir(), "tandem-large-"));
});
test.after.each(({ directory }) => rmSync(directory, { recursive: true }));

/** What keeps this machine from a model of 2.5 GiB, which is in memory twice while it is saved. */
function shortage(): string | undefined {
  const memory = freemem();
  if (memory < 9 * GIB) return `${(memory / GIB).toFixed(1)} GiB of memory are free, 9 are needed`;
  const { bavail, bsize } = statfsSync(tmpdir());
  const disk = bavail * bsize;
  if (disk < 4 * GIB) return `${(disk / GIB).toFixed(1)} GiB of disk are free, 4 are needed`;
  return undefined;
}

/** A file of that size that takes no room. */
function sparseFile(path: string, size: number): string {
  const file = openSync(path, "w");
  ftruncateSync(file, size);
  closeSync(file);
  return path;
}

const missing = shortage();
if (missing !== undefined) process.stdout.write(`no model of more than 2 GiB is tested: ${missing}\n`);
const testLarge = missing === undefined ? test : test.skip;

testLarge(
  "a SavedModel of 2.5 GiB loads, completes its configuration and answers with every weight",
  async ({ directory }) => {
    const path = join(directory, "large");
    runPython(maker, [path, String(VARIABLES), String(ELEMENTS), "0"]);
    const model = await load(path, { config: { instance_group: [{ count: 1, kind: "KIND_CPU" }] } });
    try {
      assert.equal(model.metadata.inputs, [{ name: "at", datatype: "INT32", shape: [-1] }]);
      assert.equal(model.metadata.outputs, [{ name: "values", datatype: "INT32", shape: [VARIABLES, -1] }]);
      const step = 65_537;
      const at = Int32Array.from({ length: Math.floor(ELEMENTS / step) }, (_, i) => i * step);
      at[at.length - 1] = ELEMENTS - 1;
      const { values } = await model.infer({ at });
      const given = values?.data as Int32Array;
      const wrong = given.findIndex(
        (value, i) => value !== Math.floor(i / at.length) * ELEMENTS + (at[i % at.length] as number),
      );
      assert.is(given.length, VARIABLES * at.length);
      assert.is(wrong, -1);
    } finally {
      await model.close();
    }
  },
);

test("a saved_model.pb of 2 GiB is refused with what to do about it", async ({ directory }) => {
  const path = join(directory, "large");
  mkdirSync(path);
  const file = sparseFile(join(path, "saved_model.pb"), 2 * GIB);
  const { code, message } = await rejection(load(path));
  assert.is(code, Code.INVALID_ARGUMENT);
  assert.is(
    message,
    `unable to read '${file}': it has 2147483648 bytes, and protobuf messages end below 2 GiB (2147483648 bytes); ` +
      "weights belong into variables, which a SavedModel keeps in files of their own and of any size, not into the " +
      "graph as constants: export the model again with its weights as tf.Variable",
  );
});

test("a GraphDef of more than 2 GiB is refused with what to do about it", async ({ directory }) => {
  const file = sparseFile(join(directory, "model.graphdef"), 3 * GIB);
  const tensor = (name: string) => [{ name, data_type: "TYPE_FP32", dims: [4] }];
  const { code, message } = await rejection(
    load(file, { config: { input: tensor("x"), output: tensor("y") } }),
  );
  assert.is(code, Code.INVALID_ARGUMENT);
  assert.ok(message.startsWith(`unable to read '${file}': it has 3221225472 bytes`), message);
  assert.match(message, "a GraphDef holds its weights itself: convert the model to a SavedModel");
});

test.run();
