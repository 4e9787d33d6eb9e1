import { test } from "uvu";
import * as assert from "uvu/assert";
import { chooseSignature, readSavedModel } from "../../src/config/saved-model-signature.js";
import { Code } from "../../src/inference/serving-error.js";
import { metaGraph, savedModelFile } from "../support/saved-model.js";
import { configOf } from "./example-config.js";
import { rejects } from "./rejects.js";

const dim = (...sizes: number[]) => ({ dim: sizes.map((size) => ({ size })) });

test("reads keys, tensor names, types and shapes", () => {
  const bytes = savedModelFile({
    meta_info_def: { tags: ["serve"] },
    signature_def: {
      serving_default: {
        inputs: {
          image: { name: "in:0", dtype: "DT_FLOAT", tensor_shape: dim(-1, 8, 8) },
          flag: { name: "flag:0", dtype: "DT_BOOL", tensor_shape: {} },
        },
        outputs: { any: { name: "out:1", dtype: "DT_STRING", tensor_shape: { unknown_rank: true } } },
      },
    },
  });
  const [graph] = readSavedModel(bytes);
  assert.equal(graph?.tags, ["serve"]);
  assert.equal(graph?.signatures.get("serving_default"), {
    inputs: [
      { key: "flag", tensorName: "flag:0", dtype: "DT_BOOL", shape: [] },
      { key: "image", tensorName: "in:0", dtype: "DT_FLOAT", shape: [-1, 8, 8] },
    ],
    outputs: [{ key: "any", tensorName: "out:1", dtype: "DT_STRING", shape: undefined }],
  });
});

test("skips what it does not need", () => {
  // SavedModel.meta_graphs (2) with a graph_def (2) of two bytes that are no message.
  const bytes = Buffer.concat([
    savedModelFile(metaGraph(["serve"], "a")),
    Buffer.of(0x12, 4, 0x12, 2, 0xff, 0xff),
  ]);
  assert.equal(
    readSavedModel(bytes).map(({ tags }) => tags),
    [["serve"], []],
  );
});

test("refuses bytes that are no SavedModel", () => {
  rejects(
    () => readSavedModel(Buffer.from("not a model at all")),
    Code.INVALID_ARGUMENT,
    /^saved_model.pb is not a SavedModel: /,
  );
});

const chosen = (text: string, ...metaGraphs: object[]) => {
  const { tags, name, warnings } = chooseSignature(
    readSavedModel(savedModelFile(...metaGraphs)),
    configOf(text),
  );
  return { tags, name, warnings };
};
const parameter = (key: string, value: string) =>
  `parameters { key: "${key}" value { string_value: "${value}" } }`;

test("takes 'serving_default' of the graph tagged 'serve'", () => {
  const train = metaGraph(["train"], "serving_default");
  assert.equal(chosen("", train, metaGraph(["serve"], "a", "serving_default")), {
    tags: ["serve"],
    name: "serving_default",
    warnings: [],
  });
});

test("takes the tag and signature that the parameters name", () => {
  const text = parameter("TF_GRAPH_TAG", "predict") + parameter("TF_SIGNATURE_DEF", "b");
  const found = chosen(text, metaGraph(["serve"], "b"), metaGraph(["predict"], "a", "b"));
  assert.equal(found, { tags: ["predict"], name: "b", warnings: [] });
});

test("in the Python backend the first graph serves where it is tagged otherwise", () => {
  const python = 'backend: "python" platform: "tensorflow_savedmodel"';
  const graphs = [metaGraph(["own", "tpu"], "serving_default"), metaGraph(["serve"], "serving_default")];
  assert.equal(chosen(python, ...graphs).tags, ["own", "tpu"]);
  assert.equal(chosen(python, ...graphs.toReversed()).tags, ["serve"]);
  assert.equal(chosen(python + parameter("TF_GRAPH_TAG", "serve"), ...graphs).tags, ["serve"]);
  assert.equal(chosen("", ...graphs).tags, ["serve"]);
  rejects(
    () => chosen(python),
    Code.INVALID_ARGUMENT,
    "unable to load model 'm', expected 'serve' tag; the model has: none",
  );
});

test("a graph with just the tag comes before one that has others too", () => {
  const both = metaGraph(["serve", "gpu"], "serving_default");
  assert.equal(chosen("", both, metaGraph(["serve"], "serving_default")).tags, ["serve"]);
  assert.equal(chosen("", both).tags, ["serve", "gpu"]);
});

test("an unknown tag or signature is an error that lists those that exist", () => {
  const graphs = [metaGraph(["serve"], "serving_default", "b"), metaGraph(["serve", "tpu"])];
  rejects(
    () => chosen(parameter("TF_GRAPH_TAG", "x"), ...graphs),
    Code.INVALID_ARGUMENT,
    "unable to load model 'm', expected 'x' tag; the model has: 'serve', 'serve, tpu'",
  );
  rejects(
    () => chosen(parameter("TF_SIGNATURE_DEF", "x"), ...graphs),
    Code.INVALID_ARGUMENT,
    "unable to load model 'm', expected 'x' signature; the model has: 'b', 'serving_default'",
  );
  rejects(
    () => chosen(parameter("TF_GRAPH_TAG", "x")),
    Code.INVALID_ARGUMENT,
    "unable to load model 'm', expected 'x' tag; the model has: none",
  );
});

test("without 'serving_default' the first signature serves, with a warning, but no init or train operation", () => {
  const names = ["__saved_model_init_op", "__saved_model_train_op", "predict", "score"];
  const { name, warnings } = chosen("", metaGraph(["serve"], ...names));
  assert.is(name, "predict");
  assert.is(warnings.length, 1);
  rejects(
    () => chosen("", metaGraph(["serve"], "__saved_model_init_op")),
    Code.INVALID_ARGUMENT,
    "unable to load model 'm', expected 'serving_default' signature; the model has: '__saved_model_init_op'",
  );
});

test("sparse and composite tensors are refused", () => {
  const sparse = { coo_sparse: { values_tensor_name: "v:0" }, dtype: "DT_FLOAT" };
  const graph = {
    meta_info_def: { tags: ["serve"] },
    signature_def: { serving_default: { inputs: { s: sparse } } },
  };
  rejects(
    () => chosen("", graph),
    Code.UNIMPLEMENTED,
    "unable to load model 'm', tensor 's' is sparse or composite, expected a dense tensor",
  );
});

test.run();
