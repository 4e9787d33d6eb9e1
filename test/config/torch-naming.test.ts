import { test } from "uvu";
import * as assert from "uvu/assert";
import { bindTorchInputs, nameIndex, splitName, takesDictionary } from "../../src/config/torch-naming.js";
import { Code } from "../../src/inference/serving-error.js";
import {
  dict,
  int,
  list,
  optional,
  strings,
  tensor,
  torchSignature,
  tuple,
} from "./example-torch-signature.js";
import { rejects } from "./rejects.js";

const ofTensors = (names: readonly string[]) =>
  torchSignature(Object.fromEntries(names.map((name) => [name, tensor])));

function bound(names: readonly string[], forwardArguments: readonly string[]) {
  const { by, positions, warnings } = bindTorchInputs("m", names, ofTensors(forwardArguments));
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

test("a mixture is passed in configuration order, with a warning that shows the signature", () => {
  assert.equal(bound(["mask", "INPUT__0"], ["x", "mask"]), ["order", [0, 1], 1]);
  const { warnings } = bindTorchInputs("m", ["first", "second"], ofTensors(["x", "mask"]));
  assert.equal(warnings, [
    "the inputs of model 'm' are neither all named like arguments of forward nor all NAME__INDEX: first, second are " +
      "passed in configuration order (the model is forward(x: Tensor, mask: Tensor) -> Tensor)",
  ]);
});

test("every argument is covered, those with defaults too", () => {
  rejects(
    () => bindTorchInputs("m", ["x"], torchSignature({ x: tensor, mask: [optional(tensor), "None"] })),
    Code.INVALID_ARGUMENT,
    "unable to load model 'm', configuration expects 1 inputs, model provides 2 " +
      "(the model is forward(x: Tensor, mask: Optional[Tensor] = None) -> Tensor)",
  );
  rejects(
    () => bound([], ["x", "mask"]),
    Code.INVALID_ARGUMENT,
    "unable to load model 'm', configuration expects 0 inputs, model provides 2 " +
      "(the model is forward(x: Tensor, mask: Tensor) -> Tensor)",
  );
});

test("indices cover each argument once", () => {
  rejects(
    () => bound(["A__0", "B__2"], ["x", "mask"]),
    Code.INVALID_ARGUMENT,
    "unable to load model 'm', input 'B__2' refers to argument 2, but forward takes 2 arguments " +
      "(the model is forward(x: Tensor, mask: Tensor) -> Tensor)",
  );
  rejects(
    () => bound(["A__0", "B__0"], ["x", "mask"]),
    Code.INVALID_ARGUMENT,
    "unable to load model 'm', input 'B__0' refers to argument 0, but input 'A__0' refers to the same argument " +
      "(the model is forward(x: Tensor, mask: Tensor) -> Tensor)",
  );
});

test("the index is the number behind the first __ that has one", () => {
  assert.equal(splitName("boxes__12nd"), { key: "boxes", index: 12 });
  assert.equal(["a__b__3", "x__", "x_1", "__1"].map(nameIndex), [3, undefined, undefined, undefined]);
});

test("arguments are tensors and lists of strings, which may be optional, or one dictionary of tensors", () => {
  assert.not(takesDictionary(torchSignature({ x: tensor, words: strings, y: optional(tensor) })));
  assert.ok(takesDictionary(torchSignature({ features: dict(tensor) })));
  rejects(
    () => takesDictionary(torchSignature({ a: dict(tensor), b: dict(tensor) })),
    Code.INVALID_ARGUMENT,
    "Multiple inputs of kind DictType were detected. Only a single input of type Dict(str, Tensor) is supported. " +
      "(the model is forward(a: Dict[str, Tensor], b: Dict[str, Tensor]) -> Tensor)",
  );
  for (const [parameters, named] of [
    [{ x: tensor, n: int }, "int"],
    [{ d: dict(tensor), x: tensor }, "Dict[str, Tensor]"],
    [{ d: dict(int) }, "Dict[str, int]"],
    [{ xs: list(tensor) }, "List[Tensor]"],
    [{ pair: tuple(tensor, tensor) }, "Tuple[Tensor, Tensor]"],
  ] as const) {
    rejects(
      () => takesDictionary(torchSignature(parameters)),
      Code.INVALID_ARGUMENT,
      new RegExp(
        `^An input of type '${named.replace(/[[\]]/g, "\\$&")}' was detected in the model\\. ` +
          "Only a single input of type Dict\\(str, Tensor\\) or input\\(s\\) of type Tensor are supported\\. \\(the model is forward",
      ),
    );
  }
});

test.run();
