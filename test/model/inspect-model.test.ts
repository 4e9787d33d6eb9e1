import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseBackendConfig } from "../../src/config/backend-config.js";
import { readModelConfig } from "../../src/config/read-model-config.js";
import { writeModelConfig } from "../../src/config/write-text-format.js";
import { Code } from "../../src/inference/serving-error.js";
import { type InspectOptions, inspectModel } from "../../src/model/inspect-model.js";
import type { TensorFlowInspection } from "../../src/model/inspect-tensorflow.js";
import { artifact, fixture } from "../support/fixtures.js";
import { ModelFiles } from "../support/model-files.js";
import { TemporaryRepository } from "../support/repository.js";
import { rejection } from "./make-model.js";

async function inspectTensorFlow(path: string, options: InspectOptions = {}): Promise<TensorFlowInspection> {
  const inspection = await inspectModel(path, options);
  if (!("graphs" in inspection)) throw new Error(`${path} is no TensorFlow model`);
  return inspection;
}

const keys = (tensors: readonly { readonly key: string }[] = []) => tensors.map(({ key }) => key);

test("tells the signatures, weights and files of a SavedModel", async () => {
  const { kind, path, graphs, variableFileSize, problem } = await inspectTensorFlow(fixture("tf-mlp"));
  assert.is(kind, "SavedModel");
  assert.is(path, artifact("tf-mlp"));
  assert.is(problem, undefined);
  const [graph] = graphs;
  assert.is(graphs.length, 1);
  assert.equal(graph?.tags, ["serve"]);
  assert.equal([...(graph?.signatures.keys() ?? [])], ["serving_default"]);
  assert.equal(keys(graph?.signatures.get("serving_default")?.outputs), ["probabilities"]);
  const weights = 4 * (32 * 64 + 64 + 64 * 64 + 64 + 64 * 10 + 10);
  assert.equal(graph?.variables, { count: 6, byteSize: weights });
  assert.ok(variableFileSize >= weights);
  assert.is(graph?.operations.MatMul, 3);
});

test("tells tables, init operations and assets", async () => {
  const [graph] = (await inspectTensorFlow(fixture("tf-table"))).graphs;
  assert.is(graph?.tableCount, 1);
  assert.equal(graph?.assets, ["vocabulary.txt"]);
  assert.is(graph?.initOperations.length, 1);
});

test("a SavedModel is known by its directory or its file, also outside of a repository", async () => {
  for (const path of [artifact("tf-add"), join(artifact("tf-add"), "saved_model.pb")]) {
    const { config, path: found } = await inspectModel(path);
    assert.is(found, artifact("tf-add"));
    assert.is(config?.name, "model");
    assert.is(config?.maxBatchSize, 4);
  }
});

test("completes the configuration as a load does, and what is written is read again as it was", async () => {
  const { config, warnings } = await inspectModel(fixture("tf-labels"), {
    backendConfig: parseBackendConfig(["tensorflow,default-max-batch-size=16"]),
  });
  assert.is(config?.maxBatchSize, 16);
  assert.is(config?.output[0]?.labelFilename, "labels.txt");
  assert.is(warnings.length, 1);
  assert.equal(readModelConfig(writeModelConfig(config!), "config.pbtxt"), { ...config });
});

test("every model of the fixtures is told of, and its configuration is read again as it was", async () => {
  const models = dirname(fixture("tf-add"));
  const names = readdirSync(models).filter((name) => !name.endsWith("-truncated"));
  const problems: string[] = [];
  for (const name of names) {
    const { config, problem } = await inspectModel(join(models, name));
    if (problem !== undefined) problems.push(name);
    if (config !== undefined) {
      assert.equal(readModelConfig(writeModelConfig(config), name), { ...config });
    }
  }
  assert.equal(problems, ["tf-scalar-unconfigured"]);
});

test("shows every tag set; tag and signature can be chosen", async () => {
  const { graphs } = await inspectTensorFlow(fixture("tf-tag-sets"));
  assert.equal(
    graphs.map(({ tags, signatures }) => [tags, [...signatures.keys()]]),
    [
      [["serve"], ["serving_default"]],
      [
        ["serve", "tpu"],
        ["first", "second"],
      ],
    ],
  );
  const { config } = await inspectModel(fixture("tf-signatures"), { signature: "weigh" });
  assert.equal(
    config?.input.map(({ name }) => name),
    ["weight", "x"],
  );
  const missing = await inspectTensorFlow(fixture("tf-tags"), { tag: "none" });
  assert.is(
    missing.problem,
    "unable to load model 'tf-tags', expected 'none' tag; the model has: 'serve', 'alternative'",
  );
  assert.is(missing.config, undefined);
  assert.is(missing.graphs.length, 2);
});

test("a frozen graph shows what may be inputs and outputs, and needs a configuration", async () => {
  const { kind, graphs, config, problem } = await inspectTensorFlow(artifact("tf-graphdef-add"));
  assert.is(kind, "GraphDef");
  assert.equal(
    graphs[0]?.placeholders.map(({ name }) => name),
    ["INPUT0", "INPUT1"],
  );
  assert.equal(graphs[0]?.ends, ["OUTPUT0", "OUTPUT1"]);
  assert.is(config, undefined);
  assert.match(problem as string, "a GraphDef does not say which of its nodes are inputs and outputs");

  const configured = await inspectModel(fixture("tf-graphdef-add"));
  assert.is(configured.problem, undefined);
  assert.is(configured.config?.maxBatchSize, 8);
});

for (const [name, configText, problem] of [
  [
    "tf-scalar-unconfigured",
    "",
    "Unable to autofill for 'm': the rank of model tensor 'x' is 0 and dimensions are not defined",
  ],
  ["tf-add", "no_such_field: 1", /has no field named "no_such_field"/],
  ["tf-add", 'input { name: "other" data_type: TYPE_FP32 dims: 16 }', /unexpected inference input 'other'/],
  ["tf-graphdef-add", 'input { name: "INPUT0" data_type: TYPE_FP32 dims: 16 }', /'m'/],
] as const) {
  test(`says why ${name} cannot be loaded with: ${configText || "nothing"}`, async () => {
    const repository = new TemporaryRepository({
      m: { fixture: name, files: { "config.pbtxt": configText } },
    });
    const { problem: found, graphs } = await inspectTensorFlow(join(repository.path, "m"));
    if (typeof problem === "string") assert.is(found, problem);
    else assert.match(found as string, problem);
    assert.is(graphs.length, 1);
    repository.remove();
  });
}

test("the version is the one that would be served", async () => {
  const repository = new TemporaryRepository({ m: { fixture: "tf-add", versions: [2, 10] } });
  const { path } = await inspectModel(join(repository.path, "m"));
  assert.is(path, join(repository.path, "m/10/model.savedmodel"));
  repository.remove();
});

test("what is no model is an error that says what would be", async () => {
  const files = new ModelFiles({ "notes.txt": "", "empty/": "", "m/1/model.py": "", "m/config.pbtxt": "" });
  const fails = async (path: string, code: Code, message: RegExp) => {
    const error = await rejection(inspectModel(files.at(path)));
    assert.match(error.message, message);
    assert.is(error.code, code);
  };
  await fails("none", Code.NOT_FOUND, /nothing is there/);
  await fails("notes.txt", Code.INVALID_ARGUMENT, /expected a SavedModel directory, a model directory/);
  await fails("empty", Code.INVALID_ARGUMENT, /expected a SavedModel directory, with saved_model.pb, or/);
  await fails(
    "m",
    Code.INVALID_ARGUMENT,
    /platform '', expected tensorflow_savedmodel, tensorflow_graphdef, pytorch_libtorch or torch_aoti/,
  );
  files.remove();
  const truncated = await rejection(inspectModel(fixture("tf-truncated")));
  assert.match(truncated.message, "saved_model.pb is not a SavedModel");
  const frozen = await rejection(inspectModel(dirname(artifact("tf-graphdef-truncated"))));
  assert.match(frozen.message, "unable to inspect");
});

test.run();
