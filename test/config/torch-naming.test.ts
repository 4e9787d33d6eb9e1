import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  bindTorchInputs,
  bindTorchOutputs,
  checkTorchOutputs,
  takesDictionary,
} from "../../src/config/torch-naming.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { rejects } from "./rejects.js";

const outputs = (...names: string[]) => configOf(names.map((name) => `output { name: "${name}" }`).join(" "));

function bound(names: readonly string[], forwardArguments: readonly string[]) {
  const { by, positions, warnings } = bindTorchInputs("m", names, forwardArguments);
  return [by, positions, warnings.length];
}

test("inputs named like arguments are bound by name", () => {
  assert.equal(bound(["mask", "x"], ["x", "mask"]), ["argument name", [1, 0], 0]);
});

test("inputs named NAME__INDEX are bound by index", () => {
  assert.equal(bound(["INPUT__1", "INPUT__0"], ["x", "mask"]), ["index", [1, 0], 0]);
  assert.equal(bound(["my__tokens__0", "b__1st"], ["x", "mask"]), ["index", [0, 1], 0]);
});

test("arguments that look like indices are names first", () => {
  assert.equal(bound(["x__1", "x__0"], ["x__1", "x__0"]), ["argument name", [0, 1], 0]);
});

test("a mixture is passed in configuration order, with a warning", () => {
  assert.equal(bound(["mask", "INPUT__0"], ["x", "mask"]), ["order", [0, 1], 1]);
  assert.equal(bound(["first", "second"], ["x", "mask"]), ["order", [0, 1], 1]);
});

test("every argument is covered, those with defaults too", () => {
  rejects(
    () => bound(["x"], ["x", "mask"]),
    Code.INVALID_ARGUMENT,
    "unable to load model 'm', configuration expects 1 inputs, model provides 2",
  );
  rejects(
    () => bound([], ["x", "mask"]),
    Code.INVALID_ARGUMENT,
    "unable to load model 'm', configuration expects 0 inputs, model provides 2",
  );
});

test("indices cover each argument once", () => {
  rejects(
    () => bound(["A__0", "B__2"], ["x", "mask"]),
    Code.INVALID_ARGUMENT,
    "unable to load model 'm', input 'B__2' refers to argument 2, but forward takes 2 arguments",
  );
  rejects(
    () => bound(["A__0", "B__0"], ["x", "mask"]),
    Code.INVALID_ARGUMENT,
    "unable to load model 'm', input 'B__0' refers to argument 0, but input 'A__0' refers to the same argument",
  );
});

test("outputs named NAME__INDEX are found by index, else by order", () => {
  assert.equal(bindTorchOutputs(outputs("OUTPUT__1", "OUTPUT__0")), [1, 0]);
  assert.equal(bindTorchOutputs(outputs("OUTPUT__1", "logits")), [0, 1]);
  assert.equal(bindTorchOutputs(outputs("OUTPUT__2")), [2]);
});

test("an output that the model does not return is an error", () => {
  const config = outputs("OUTPUT__0", "OUTPUT__2");
  checkTorchOutputs(config, bindTorchOutputs(config), 3);
  rejects(
    () => checkTorchOutputs(config, bindTorchOutputs(config), 2),
    Code.INVALID_ARGUMENT,
    "The output OUTPUT__2 in the model configuration refers to an output index which doesn't exist. This model has 2 outputs",
  );
});

test("arguments are tensors and lists, or one dictionary", () => {
  assert.not(takesDictionary(["TensorType", "ListType"]));
  assert.ok(takesDictionary(["DictType"]));
  rejects(
    () => takesDictionary(["DictType", "DictType"]),
    Code.INVALID_ARGUMENT,
    "Multiple inputs of kind DictType were detected. Only a single input of type Dict(str, Tensor) is supported.",
  );
  for (const [types, named] of [
    [["TensorType", "IntType"], "IntType"],
    [["DictType", "TensorType"], "DictType"],
  ] as const) {
    rejects(
      () => takesDictionary(types),
      Code.INVALID_ARGUMENT,
      `An input of type '${named}' was detected in the model. Only a single input of type Dict(str, Tensor) or input(s) of type Tensor are supported.`,
    );
  }
});

test.run();
