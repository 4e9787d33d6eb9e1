import { test } from "uvu";
import * as assert from "uvu/assert";
import { readInitOperations } from "../../src/engine/init-operations.js";
import { load } from "../../src/index.js";
import { Code, ServingError } from "../../src/inference/serving-error.js";
import { fixture } from "../support/fixtures.js";
import { ModelFiles } from "../support/model-files.js";
import { TemporaryRepository } from "../support/repository.js";

const usual = '{ "init_ops": ["init", "tables"] }';

async function failure(promise: Promise<unknown>): Promise<ServingError> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, ServingError);
    return error as ServingError;
  }
  assert.unreachable("expected a failure");
  throw new Error();
}

test("operations are run in the file's order", async () => {
  const files = new ModelFiles({ "1/ops.json": usual });
  assert.equal(await readInitOperations("ops.json", [files.at("1"), files.path], "m"), ["init", "tables"]);
  files.remove();
});

test("the version's directory is looked into before the model's", async () => {
  const files = new ModelFiles({ "ops.json": usual, "1/ops.json": '{ "init_ops": ["own"] }', "2/": "" });
  const from = (version: string) => readInitOperations("ops.json", [files.at(version), files.path], "m");
  assert.equal(await from("1"), ["own"]);
  assert.equal(await from("2"), ["init", "tables"]);
  files.remove();
});

test("a file that is nowhere is not found, and the error says where it was looked for", async () => {
  const files = new ModelFiles({ "1/": "" });
  const { code, message } = await failure(readInitOperations("ops.json", [files.at("1"), files.path], "m"));
  assert.is(code, Code.NOT_FOUND);
  assert.is(
    message,
    `unable to load model 'm': there is no 'ops.json' (parameter 'TF_INIT_OPS_FILE') in ${files.at("1")} or ${files.path}`,
  );
  files.remove();
});

for (const [what, text, found] of [
  ["no JSON", "init", "JSON"],
  ["a list", '["init"]', "it holds a list"],
  ["null", "null", "it holds null"],
  ["another member", '{ "initOps": ["init"] }', "its members are: initOps"],
  ["a second member", '{ "init_ops": ["init"], "more": 1 }', "its members are: init_ops, more"],
  ["no list", '{ "init_ops": "init" }', '"init_ops" is "init"'],
  ["no names", '{ "init_ops": ["init", 2] }', '"init_ops" is ["init",2]'],
  ["no member", "{}", "its members are: none"],
] as const) {
  test(`a file that holds ${what} is refused by name`, async () => {
    const files = new ModelFiles({ "ops.json": text });
    const { code, message } = await failure(readInitOperations("ops.json", [files.path], "m"));
    assert.is(code, Code.INVALID_ARGUMENT);
    assert.match(message, `'${files.at("ops.json")}' (parameter 'TF_INIT_OPS_FILE') must be JSON`);
    assert.match(message, found);
    files.remove();
  });
}

test("an operation that the graph lacks is a load error of its own", async () => {
  const models = new TemporaryRepository({
    model: {
      fixture: "tf-graphdef-init",
      files: { "1/init_ops.json": '{ "init_ops": ["initialise"] }' },
    },
  });
  const { code, message } = await failure(load(`${models.path}/model`));
  assert.is(code, Code.INVALID_ARGUMENT);
  assert.match(message, "the graph has no operation 'initialise'");
  models.remove();
});

test("they run once, before the first request, in a session that instances share", async () => {
  const config = `platform: "tensorflow_graphdef"
    input { name: "x" data_type: TYPE_INT32 dims: 1 } output { name: "y" data_type: TYPE_INT32 dims: 1 }
    parameters { key: "TF_INIT_OPS_FILE" value { string_value: "init_ops.json" } }
    parameters { key: "MAX_SESSION_SHARE_COUNT" value { string_value: "2" } }
    instance_group { count: 2 kind: KIND_CPU }`;
  await using model = await load(fixture("tf-graphdef-init-counter"), { config });
  const add = async (one: number) => Number((await model.infer({ x: Int32Array.of(one) })).y?.data[0]);
  // Adding and reading are two operations, so another request may come between.
  const totals = await Promise.all(Array.from({ length: 40 }, () => add(1)));
  assert.ok(totals.every((total) => total > 100 && total <= 140));
  assert.is(await add(0), 140);
});

test.run();
