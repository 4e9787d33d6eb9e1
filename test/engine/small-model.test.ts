import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { TensorSpec } from "../../src/engine/engine-model.js";
import { modelByteSize } from "../../src/engine/model-byte-size.js";
import { isSmallModel } from "../../src/engine/small-model.js";
import { Repository } from "../../src/model/repository.js";
import { TemporaryRepository } from "../support/repository.js";
import { threadCount } from "./thread-count.js";

const directory = mkdtempSync(join(tmpdir(), "tandem-small-"));
const bytes = 40_000; // 10,000 weights
writeFileSync(join(directory, "saved_model.pb"), Buffer.alloc(bytes));

const input = (shape: readonly number[] | undefined): TensorSpec => ({ name: "x", datatype: "FP32", shape });

test("a model's size is that of its files", async () => {
  assert.is(await modelByteSize(directory), bytes);
  assert.is(await modelByteSize(join(directory, "saved_model.pb")), bytes);
});

test("a model is small if its weights times its input's elements are few", () => {
  assert.is(isSmallModel(bytes, [input([-1, 400])], true), true);
  assert.is(isSmallModel(bytes, [input([-1, 401])], true), false);
  assert.is(isSmallModel(bytes, [input([-1, 200]), input([-1, 201])], true), false);
  assert.is(isSmallModel(bytes, [input([4, 100])], false), true);
});

test("a model whose input may be of any size is not", () => {
  assert.is(isSmallModel(bytes, [input([-1, -1])], true), false);
  assert.is(isSmallModel(bytes, [input(undefined)], true), false);
});

test("each session has the threads that its own model asks for, whichever was loaded first", async () => {
  const withThreads = (count: number) => ({
    fixture: "tf-tiny",
    files: {
      "config.pbtxt": `instance_group [ { count: 1 kind: KIND_CPU } ]
        parameters { key: "TF_NUM_INTRA_THREADS" value { string_value: "${count}" } }`,
    },
  });
  const models = new TemporaryRepository({ first: withThreads(1), second: withThreads(7) });
  const started: number[] = [];
  for (const name of ["first", "second"]) {
    const before = threadCount();
    const repository = new Repository(models.path, { models: [name] });
    assert.equal(await repository.load(), []);
    started.push(threadCount() - before);
  }
  assert.ok(started[1]! >= 7, `the second session started ${started[1]} threads`);
  models.remove();
});

test.after(() => rmSync(directory, { recursive: true }));
test.run();
