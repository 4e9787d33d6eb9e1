import { test } from "uvu";
import * as assert from "uvu/assert";
import { bindTorchOutputs } from "../../src/config/torch-outputs.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import {
  any,
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

/** Outputs of FP32, by name, or of the type given. */
const outputs = (...names: (string | readonly [string, string])[]) =>
  configOf(
    names
      .map((each) => (typeof each === "string" ? ([each, "TYPE_FP32"] as const) : each))
      .map(([name, type]) => `output { name: "${name}" data_type: ${type} }`)
      .join(" "),
  );
const returning = (result: Parameters<typeof torchSignature>[1]) => torchSignature({ x: tensor }, result);
const three = returning(tuple(tensor, tensor, tensor));
const indices = (config: ReturnType<typeof outputs>) =>
  bindTorchOutputs(config, three).map(({ index }) => index);

test("outputs named NAME__INDEX are found by index, else by order", () => {
  assert.equal(indices(outputs("OUTPUT__1", "OUTPUT__0")), [1, 0]);
  assert.equal(indices(outputs("OUTPUT__1", "logits")), [0, 1]);
  assert.equal(indices(outputs("OUTPUT__2")), [2]);
});

test("each name is also told in parts, for results with dictionaries", () => {
  assert.equal(bindTorchOutputs(outputs("boxes__1", "scores"), returning(dict(tensor))), [
    { index: 0, key: "boxes", keyIndex: 1 },
    { index: 1, key: "", keyIndex: -1 },
  ]);
});

test("tensors in nested tuples are numbered through", () => {
  const nested = returning(tuple(tensor, tuple(strings, tensor)));
  bindTorchOutputs(outputs("A__2", ["B__1", "TYPE_STRING"]), nested);
  rejects(
    () => bindTorchOutputs(outputs("A__3"), nested),
    Code.INVALID_ARGUMENT,
    "The output A__3 in the model configuration refers to an output index which doesn't exist. This model has 3 outputs " +
      "(the model is forward(x: Tensor) -> Tuple[Tensor, Tuple[List[str], Tensor]])",
  );
});

test("more outputs than there are, in configuration order too, are an error", () => {
  rejects(
    () => bindTorchOutputs(outputs("first", "second"), returning(tensor)),
    Code.INVALID_ARGUMENT,
    /^The output second in the model configuration refers .* This model has 1 outputs/,
  );
});

test("at least one is named", () => {
  rejects(
    () => bindTorchOutputs(outputs(), three),
    Code.INVALID_ARGUMENT,
    /^model configuration must contain at least one output, none were specified\. \(the model is forward\(x: Tensor\) -> /,
  );
});

test("what is neither tensor nor strings cannot be an output; others beside it can", () => {
  const signature = returning(tuple(tensor, int, list(int)));
  bindTorchOutputs(outputs("A__0"), signature);
  for (const [name, type] of [
    ["A__1", "int"],
    ["A__2", "List[int]"],
  ] as const) {
    rejects(
      () => bindTorchOutputs(outputs(name), signature),
      Code.INVALID_ARGUMENT,
      `output must be of type Tensor, List[str] or a tuple, list or dictionary of these; output '${name}' is ${type} ` +
        "(the model is forward(x: Tensor) -> Tuple[Tensor, int, List[int]])",
    );
  }
});

test("strings are strings and tensors are not", () => {
  rejects(
    () => bindTorchOutputs(outputs("A__0"), returning(strings)),
    Code.INVALID_ARGUMENT,
    /^configuration expects datatype TYPE_FP32 for output 'A__0', model provides TYPE_STRING, as List\[str\] \(/,
  );
  rejects(
    () => bindTorchOutputs(outputs(["A__0", "TYPE_STRING"]), returning(optional(tensor))),
    Code.INVALID_ARGUMENT,
    /^configuration expects datatype TYPE_STRING for output 'A__0', model provides a Tensor \(/,
  );
});

test("what only a value can tell is left to the run", () => {
  for (const result of [list(tensor), dict(tensor), any])
    bindTorchOutputs(outputs("A__7"), returning(result));
});

test.run();
