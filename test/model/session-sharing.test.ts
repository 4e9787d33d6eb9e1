import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Tensor } from "../../src/inference/tensor.js";
import { Repository } from "../../src/model/repository.js";
import { artifact } from "../support/fixtures.js";
import { runPython } from "../support/python.js";
import { TemporaryRepository } from "../support/repository.js";
import { memoryGrowth } from "./memory-growth.js";

const maker = fileURLToPath(new URL("make-weights.py", import.meta.url));
const MEGABYTE = 2 ** 20;

const test = suite<{ directory: string }>("session sharing");
test.before.each((context) => {
  context.directory = mkdtempSync(join(tmpdir(), "tandem-sharing-"));
});
test.after.each(({ directory }) => rmSync(directory, { recursive: true }));

const sharing = (instances: number, shareCount: number) =>
  `instance_group { count: ${instances} kind: KIND_CPU }
   parameters { key: "MAX_SESSION_SHARE_COUNT" value { string_value: "${shareCount}" } }`;

async function opened(path: string): Promise<Repository> {
  const repository = new Repository(path, { logger: { info() {}, warn() {}, error() {} } });
  assert.equal(await repository.load(), []);
  return repository;
}

function int32(name: string, values: readonly number[]): Tensor {
  return new Tensor(name, "INT32", [values.length], new Uint8Array(Int32Array.from(values).buffer));
}

/** What the model answers to one number: all elements of its output. */
async function answer(repository: Repository, model: string, input: Tensor, version?: number) {
  const { outputs } = await repository.model(model, version).infer({ id: "", inputs: [input] });
  return [...((outputs[0] as Tensor).data as Int32Array)];
}

test("instances that share a session hold the weights once, others each for themselves", ({ directory }) => {
  const size = 200 * MEGABYTE;
  const [large, small] = [join(directory, "large"), join(directory, "small")];
  runPython(maker, [large, "4", String(size / 4 / 4), "0", small, "1", "1", "0"]);
  const grown = (shareCount: number) =>
    memoryGrowth(large, small, {
      instance_group: [{ count: 4, kind: "KIND_CPU" }],
      parameters: {
        MAX_SESSION_SHARE_COUNT: { string_value: String(shareCount) },
        // Else the model is loaded several times to find the best plan, and TensorFlow keeps that memory.
        EXECUTION_PLAN: { string_value: "caller-thread" },
      },
    }) / size;
  const [shared, separate] = [grown(4), grown(1)];
  assert.ok(shared > 0.9 && shared < 2, `shared: ${shared} times the weights`);
  assert.ok(separate > 3, `separate: ${separate} times the weights`);
});

test("versions and models of one configuration never share a session", async ({ directory }) => {
  const config = sharing(2, 8);
  const places = ["a/1", "a/2", "b/1"].map((place) => join(directory, place, "model.savedmodel"));
  runPython(
    maker,
    places.flatMap((place, i) => [place, "2", "4", String(1000 * i)]),
  );
  writeFileSync(join(directory, "a/config.pbtxt"), `${config} version_policy { all { } }`);
  writeFileSync(join(directory, "b/config.pbtxt"), config);
  const repository = await opened(directory);
  for (let call = 0; call < 8; call++) {
    assert.equal(await answer(repository, "a", int32("at", [1]), 1), [1, 5]);
    assert.equal(await answer(repository, "a", int32("at", [1]), 2), [1001, 1005]);
    assert.equal(await answer(repository, "b", int32("at", [1])), [2001, 2005]);
  }
  await repository.close();
});

test("state is shared within a session only: neither versions nor models see each other's", async () => {
  const files = { "config.pbtxt": `${sharing(4, 4)} version_policy { all { } }` };
  const repository = new TemporaryRepository({
    a: { fixture: "tf-counter", files, versions: [1, 2] },
    b: { fixture: "tf-counter", files },
  });
  const models = await opened(repository.path);
  const add = (model: string, value: number, version: number) =>
    answer(models, model, int32("x", [value]), version);
  // At the same time, so that every instance has its share of them.
  const results = await Promise.all(Array.from({ length: 40 }, () => add("a", 1, 1)));
  assert.is(Math.max(...results.flat()), 40);
  assert.equal(await add("a", 100, 2), [100]);
  assert.equal(await add("b", 1000, 1), [1000]);
  assert.equal(await add("a", 1, 1), [41]);
  await models.close();
  repository.remove();
});

test("a version that is loaded again starts with the state of its file", async ({ directory }) => {
  const model = join(directory, "m");
  cpSync(artifact("tf-counter"), join(model, "1", "model.savedmodel"), { recursive: true });
  writeFileSync(join(model, "config.pbtxt"), sharing(1, 1));
  const repository = await opened(directory);
  assert.equal(await answer(repository, "m", int32("x", [5])), [5]);
  await repository.unloadModel("m");
  await repository.loadModel("m");
  assert.equal(await answer(repository, "m", int32("x", [5])), [5]);
  await repository.close();
});

test.run();
