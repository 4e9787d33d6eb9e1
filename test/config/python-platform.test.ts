import { test } from "uvu";
import * as assert from "uvu/assert";
import { engineBackend, frameworkBackend, pythonPlatform } from "../../src/config/python-platform.js";
import { configOf } from "./example-config.js";

const judged = (text: string) => {
  const config = configOf(text);
  return [pythonPlatform(config), engineBackend(config), frameworkBackend(config)];
};

test("the Python backend runs two platforms, each by its framework", () => {
  assert.equal(judged('backend: "python" platform: "tensorflow_savedmodel"'), [
    "tensorflow_savedmodel",
    "python",
    "tensorflow",
  ]);
  assert.equal(judged('backend: "python" platform: "pytorch"'), ["pytorch", "python", "pytorch"]);
});

test("PyTorch's runtime model.py is the same as the Python backend's pytorch", () => {
  const module = ["pytorch", "python", "pytorch"];
  assert.equal(judged('backend: "pytorch" platform: "pytorch_libtorch" runtime: "model.py"'), module);
  assert.equal(judged('backend: "pytorch" runtime: "model.py"'), module);
});

test("other models are run by the backend that they name", () => {
  const own = (backend: string) => [undefined, backend, backend];
  assert.equal(judged('backend: "tensorflow" platform: "tensorflow_savedmodel"'), own("tensorflow"));
  assert.equal(judged('backend: "pytorch" platform: "pytorch_libtorch"'), own("pytorch"));
  assert.equal(judged('backend: "pytorch" platform: "torch_aoti" runtime: "model.py"'), own("pytorch"));
  assert.equal(judged('backend: "python"'), own("python"));
  assert.equal(judged('backend: "python" platform: "sklearn"'), own("python"));
});

test.run();
