import { test } from "uvu";
import * as assert from "uvu/assert";
import { fillPlatform } from "../../src/config/fill-platform.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { rejects } from "./rejects.js";

/** Names that end in "/" are directories. */
function filled(text: string, content: readonly string[] = [], modelName = "m") {
  const entries = content.map((name) => ({ name: name.replace(/\/$/, ""), isDirectory: name.endsWith("/") }));
  const { platform, backend, defaultModelFilename } = fillPlatform(
    { ...configOf(text), name: "" },
    modelName,
    entries,
  );
  return [platform, backend, defaultModelFilename];
}

const savedModel = ["tensorflow_savedmodel", "tensorflow", "model.savedmodel"];
const graphDef = ["tensorflow_graphdef", "tensorflow", "model.graphdef"];
const torchScript = ["pytorch_libtorch", "pytorch", "model.pt"];

test("without configuration, the files of the first version decide", () => {
  assert.equal(filled("", ["model.savedmodel/"]), savedModel);
  assert.equal(filled("", ["model.graphdef"]), graphDef);
  assert.equal(filled("", ["model.pt"]), torchScript);
  assert.equal(filled("", ["model.pt2"]), ["torch_aoti", "pytorch", "model.pt2"]);
  assert.equal(filled("", ["model.py"]), ["", "python", "model.py"]);
});

test("a SavedModel is a directory and the others are files", () => {
  rejects(() => filled("", ["model.savedmodel"]), Code.INVALID_ARGUMENT, /Could not determine backend/);
  rejects(() => filled("", ["model.pt/"]), Code.INVALID_ARGUMENT, /Could not determine backend/);
});

test("of several, graph wins over SavedModel, TensorFlow over torch, torch over Python", () => {
  assert.equal(filled("", ["model.savedmodel/", "model.graphdef"]), graphDef);
  assert.equal(filled("", ["model.pt", "model.savedmodel/"]), savedModel);
  assert.equal(filled("", ["model.py", "model.pt"]), torchScript);
});

test("the default file name decides when it is a usual one", () => {
  assert.equal(filled('default_model_filename: "model.savedmodel"'), savedModel);
  assert.equal(filled('default_model_filename: "model.graphdef"', ["model.savedmodel/"]), graphDef);
  assert.equal(filled('default_model_filename: "model.pt"'), torchScript);
});

test("a file name of one's own needs the platform", () => {
  const own = 'default_model_filename: "resnet"';
  assert.equal(filled(`${own} platform: "tensorflow_savedmodel"`), [
    "tensorflow_savedmodel",
    "tensorflow",
    "resnet",
  ]);
  rejects(
    () => filled(own, ["model.savedmodel/"]),
    Code.INVALID_ARGUMENT,
    "Invalid model name: Could not determine backend for model 'm' with no backend in model configuration. " +
      "Expected model name of the form 'model.<backend_name>'.",
  );
});

test("a platform brings its backend and file name", () => {
  assert.equal(filled('platform: "tensorflow_savedmodel"'), savedModel);
  assert.equal(filled('platform: "tensorflow_graphdef"'), graphDef);
  assert.equal(filled('platform: "pytorch_libtorch"'), torchScript);
  assert.equal(filled('platform: "libtorch"'), torchScript);
});

test("backend tensorflow looks for its files, backend pytorch assumes TorchScript", () => {
  assert.equal(filled('backend: "tensorflow"', ["model.savedmodel/"]), savedModel);
  assert.equal(filled('backend: "pytorch"'), torchScript);
  assert.equal(filled('backend: "pytorch"', ["model.pt2"]), ["torch_aoti", "pytorch", "model.pt2"]);
  rejects(
    () => filled('backend: "tensorflow"', ["model.pt"]),
    Code.INVALID_ARGUMENT,
    /^unexpected 'platform' and 'backend' pair, got:, tensorflow/,
  );
});

test("a Python runtime keeps its own search for the file", () => {
  const runtime = 'backend: "pytorch" runtime: "model.py"';
  assert.equal(filled(runtime), ["pytorch_libtorch", "pytorch", ""]);
  assert.equal(filled(runtime, ["model.pt2", "model.py"]), ["pytorch_libtorch", "pytorch", ""]);
});

test("backend python takes any platform, a SavedModel under its own name", () => {
  assert.equal(filled('backend: "python"'), ["", "python", "model.py"]);
  assert.equal(filled('backend: "python" platform: "tensorflow_savedmodel"'), [
    "tensorflow_savedmodel",
    "python",
    "model.savedmodel",
  ]);
});

test("a PyTorch model of backend python is a model.py, else a model.pt, else each version tells", () => {
  const python = 'backend: "python" platform: "pytorch"';
  const pytorch = (file: string) => ["pytorch", "python", file];
  assert.equal(filled(python, ["model.pt", "model.py"]), pytorch("model.py"));
  assert.equal(filled(python, ["model.pt"]), pytorch("model.pt"));
  assert.equal(filled(python, ["model.py/"]), pytorch(""));
  assert.equal(filled(`${python} default_model_filename: "net.py"`, ["model.py"]), pytorch("net.py"));
});

test("an ensemble has no backend", () => {
  assert.equal(filled('platform: "ensemble"'), ["ensemble", "", ""]);
});

test("a model's name may end in its backend", () => {
  assert.equal(filled("", [], "echo.identity"), ["", "identity", ""]);
});

test("platform and backend have to belong together", () => {
  rejects(
    () => filled('platform: "pytorch_libtorch" backend: "tensorflow"'),
    Code.INVALID_ARGUMENT,
    "unexpected 'platform' and 'backend' pair, got:pytorch_libtorch, tensorflow",
  );
  rejects(
    () => filled('platform: "tensorflow_savedmodel" backend: "pytorch"'),
    Code.INVALID_ARGUMENT,
    "unexpected 'platform' and 'backend' pair, got:tensorflow_savedmodel, pytorch",
  );
  rejects(
    () => filled('platform: "caffe2_netdef"'),
    Code.INVALID_ARGUMENT,
    "unexpected platform type 'caffe2_netdef' for m",
  );
});

test("the name is the directory's", () => {
  assert.is(
    fillPlatform({ ...configOf(""), name: "" }, "m", [{ name: "model.pt", isDirectory: false }]).name,
    "m",
  );
  rejects(
    () => fillPlatform(configOf('name: "other"'), "m", []),
    Code.INVALID_ARGUMENT,
    "unexpected directory name 'm' for model 'other', directory name must equal model name",
  );
});

test.run();
