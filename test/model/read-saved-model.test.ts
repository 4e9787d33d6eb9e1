import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Code } from "../../src/inference/serving-error.js";
import { readChosenSignature } from "../../src/model/read-saved-model.js";
import { Repository } from "../../src/model/repository.js";
import { fakeLoader } from "../support/fake-engine.js";
import { modelConfig } from "../support/model-config.js";
import { ModelFiles } from "../support/model-files.js";
import { metaGraph, savedModelFile } from "../support/saved-model.js";
import { rejection } from "./make-model.js";

const test = suite<{ files: ModelFiles }>("readChosenSignature");
test.before.each((context) => {
  context.files = new ModelFiles({ "saved_model.pb": savedModelFile(metaGraph(["serve"], "predict")) });
});
test.after.each(({ files }) => files.remove());

const savedModel = 'name: "m" backend: "tensorflow" platform: "tensorflow_savedmodel"';
const silent = { info: () => {}, warn: () => {}, error: () => {} };
const read = (files: ModelFiles, text: string, autoComplete: boolean) =>
  readChosenSignature(modelConfig(text), files.path, { autoComplete, logger: silent });

test("models that are no SavedModel have none", async ({ files }) => {
  const graphDef = 'name: "m" backend: "tensorflow" platform: "tensorflow_graphdef"';
  assert.is(await read(files, graphDef, true), undefined);
});

test("what is wrong is told as the reference does, with and without auto-complete", async ({ files }) => {
  const text = `${savedModel} parameters { key: "TF_GRAPH_TAG" value { string_value: "x" } }`;
  const reason = "unable to load model 'm', expected 'x' tag; the model has: 'serve'";
  const strict = await rejection(read(files, text, false));
  assert.is(strict.message, reason);
  assert.is(strict.code, Code.INVALID_ARGUMENT);
  const completing = await rejection(read(files, text, true));
  assert.is(
    completing.message,
    `unable to auto-complete model configuration for 'm', failed to load model: ${reason}`,
  );
  assert.is(completing.code, Code.INTERNAL);
});

for (const autoComplete of [true, false]) {
  test(`a load with autoComplete ${autoComplete} reads once, warns once and tells the engine`, async () => {
    const tensor = (name: string) => `{ name: "${name}" data_type: TYPE_FP32 dims: -1 }`;
    const files = new ModelFiles({
      "m/config.pbtxt": `platform: "tensorflow_savedmodel" input ${tensor("x")} output ${tensor("y")}`,
      "m/1/model.savedmodel/saved_model.pb": savedModelFile(metaGraph(["serve"], "predict")),
    });
    const warnings: string[] = [];
    const told: unknown[] = [];
    const loader = fakeLoader();
    const repository = new Repository(files.path, {
      autoComplete,
      logger: { ...silent, warn: (message) => warnings.push(message) },
      engines: {
        tensorflow: (request) => {
          told.push(request.savedModel?.name);
          return loader(request);
        },
      },
    });
    assert.equal(await repository.load(), []);
    assert.equal(told, ["predict"]);
    assert.equal(warnings, ["model 'm' has no 'serving_default' signature; using 'predict' instead"]);
    await repository.close();
    files.remove();
  });
}

test.run();
