import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadTensorflowModel } from "../../src/engine/load-tensorflow-model.js";
import { load } from "../../src/index.js";
import type { Logger } from "../../src/model/logger.js";
import { assertTensors } from "../support/compare.js";
import { fixtureCases } from "../support/fixtures.js";
import { TemporaryRepository } from "../support/repository.js";

// The rules of the platform, not the process it runs in: TensorFlow is in this one.
const engines = { python: loadTensorflowModel };
const twoFields = 'backend: "python" platform: "tensorflow_savedmodel"\n';
const test = suite("backend python, platform tensorflow_savedmodel");

/** Runs `use` with a fixture whose configuration is the two fields and `more`. */
async function withModel(
  name: string,
  more: string,
  use: (model: Awaited<ReturnType<typeof load>>) => unknown,
): Promise<void> {
  const files = { "config.pbtxt": `${twoFields}${more}` };
  const repository = new TemporaryRepository({ model: { fixture: name, files } });
  const logger: Logger = { info() {}, warn() {}, error() {} };
  try {
    await using model = await load(join(repository.path, "model"), { engines, logger });
    await use(model);
  } finally {
    repository.remove();
  }
}

type FixtureCase = ReturnType<typeof fixtureCases>[number];

async function check(model: Awaited<ReturnType<typeof load>>, { inputs, outputs }: FixtureCase) {
  const answer = await model.infer(Object.fromEntries(inputs.map((tensor) => [tensor.name, tensor])));
  assertTensors(Object.values(answer), outputs);
}

for (const name of [
  "tf-add",
  "tf-batch-only",
  "tf-identity-bytes",
  "tf-identity-fp16",
  "tf-mlp",
  "tf-simple-save",
  "tf-table",
  "tf-unbatched",
  "tf-unknown-rank",
  "tf-variable-dims",
]) {
  test(`${name} needs no more than the two fields`, async () => {
    await withModel(name, "", async (model) => {
      for (const each of fixtureCases(name)) await check(model, each);
    });
  });
}

const parameter = (key: string, value: string) =>
  `parameters { key: "${key}" value { string_value: "${value}" } }`;

for (const [name, key] of [
  ["tf-signatures", "TF_SIGNATURE_DEF"],
  ["tf-tags", "TF_GRAPH_TAG"],
] as const) {
  for (const each of fixtureCases(name)) {
    test(`${key} ${each.name} of ${name}`, () =>
      withModel(name, parameter(key, each.name), (model) => check(model, each)));
  }
}

test("threads are the session's own where USE_PER_SESSION_THREAD says so", async () => {
  const more = `${parameter("USE_PER_SESSION_THREAD", "yes")} ${parameter("TF_NUM_INTRA_THREADS", "1")}`;
  await withModel("tf-mlp", more, async (model) => {
    for (const each of fixtureCases("tf-mlp")) await check(model, each);
  });
});

test("requests at the same time run as one batch", async () => {
  await withModel("tf-add", "instance_group { kind: KIND_CPU count: 1 }", async (model) => {
    assert.is(model.config.maxBatchSize, 4);
    assert.ok(model.config.dynamicBatching);
    const [first] = fixtureCases("tf-add").filter(({ inputs }) => inputs[0]?.shape[0] === 1);
    assert.ok(first);
    await Promise.all(Array.from({ length: 12 }, () => check(model, first as FixtureCase)));
    const { executionCount, inferenceCount } = model.statistics;
    assert.is(inferenceCount, 12);
    assert.ok(executionCount < 12, `${executionCount} executions`);
  });
});

test("dims have to be the model's exactly", async () => {
  const wrong = 'max_batch_size: 4 input { name: "x" data_type: TYPE_FP32 dims: [5, 3] }';
  await assertRefused(
    "tf-variable-dims",
    wrong,
    "Mismatch in 0th dimension for tensor 'x', expected -1, got 5",
  );
});

test("batch_input is refused", async () => {
  const more = `max_batch_size: 4 input { name: "INPUT0" data_type: TYPE_FP32 dims: 16 }
    batch_input { kind: BATCH_ELEMENT_COUNT target_name: "INPUT1" data_type: TYPE_FP32 source_input: "INPUT0" }`;
  const refusal = "The platform model 'tensorflow_savedmodel' does not support model with batch_input";
  await assertRefused("tf-add", more, refusal);
});

async function assertRefused(name: string, more: string, message: string): Promise<void> {
  const error = await withModel(name, more, () => {}).catch((thrown: Error) => thrown);
  assert.instance(error, Error, "the model was loaded");
  assert.is((error as Error).message, message);
}

test.run();
