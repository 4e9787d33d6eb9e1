import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { load, parseBackendConfig, Tensor } from "../../src/index.js";
import { fixture } from "../support/fixtures.js";
import { ModelFiles } from "../support/model-files.js";
import { python } from "../support/python.js";

const test = suite("a SavedModel of backend python");

const ones = (name: string) =>
  new Tensor(name, "FP32", [1, 16], new Uint8Array(new Float32Array(16).fill(1).buffer));

function loaded(environment: string | undefined, warnings: string[] = [], options: readonly string[] = []) {
  const parameter = `parameters { key: "EXECUTION_ENV_PATH" value { string_value: "${environment}" } }`;
  return load(fixture("tf-add"), {
    config: `backend: "python" platform: "tensorflow_savedmodel" ${environment ? parameter : ""}`,
    logger: { info() {}, warn: (message) => warnings.push(message), error() {} },
    backendConfig: parseBackendConfig(options),
  });
}

test("needs no more than the two fields", async () => {
  await using model = await loaded(undefined);
  const { OUTPUT0 } = await model.infer({ INPUT0: ones("INPUT0"), INPUT1: ones("INPUT1") });
  assert.equal((OUTPUT0 as Tensor).data, new Float32Array(16).fill(2));
  assert.is(model.config.maxBatchSize, 4);
});

test("takes TensorFlow from the environment that EXECUTION_ENV_PATH names", async () => {
  await using model = await loaded(dirname(dirname(python())));
  const { OUTPUT0 } = await model.infer({ INPUT0: ones("INPUT0"), INPUT1: ones("INPUT1") });
  assert.equal((OUTPUT0 as Tensor).data, new Float32Array(16).fill(2));
});

test("is not loaded where that environment has none", async () => {
  const files = new ModelFiles();
  mkdirSync(files.at("bin"));
  symlinkSync(process.execPath, join(files.path, "bin", "python"));
  const error = await loaded(files.path).catch((thrown: Error) => thrown);
  files.remove();
  assert.instance(error, Error, "the model was loaded");
  assert.ok((error as Error).message.includes(files.path), (error as Error).message);
});

test("options of Triton's that have no effect are told", async () => {
  const warnings: string[] = [];
  await using _model = await loaded(undefined, warnings, ["python,thread-pool-size=8"]);
  assert.ok(
    warnings.includes(
      "--backend-config=python,thread-pool-size has no effect: one thread serves all processes",
    ),
    warnings.join("\n"),
  );
});

test.run();
