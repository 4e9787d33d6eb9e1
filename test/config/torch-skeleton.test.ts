import { test } from "uvu";
import * as assert from "uvu/assert";
import { readModelConfig } from "../../src/config/read-model-config.js";
import { torchSkeleton } from "../../src/config/torch-skeleton.js";
import { dict, list, optional, strings, tensor, torchSignature, tuple } from "./example-torch-signature.js";

const nothing = { tracedInputs: [], parameters: [], training: false };
const weight = (dataType: "TYPE_FP16" | "TYPE_INT64" | "TYPE_FP32") => ({
  name: "w",
  dataType,
  shape: [2, 2],
});

test("names come from the signature, and what is not in the file is marked", () => {
  const text = torchSkeleton("net", { ...nothing, signature: torchSignature({ x: tensor }) });
  assert.is(
    text,
    `name: "net"
platform: "pytorch_libtorch"
max_batch_size: 0  # ? above 0 if dimension 0 of all tensors is the batch, which dims then leave out
input {
  name: "x"
  data_type: TYPE_FP32  # ?
  dims: [ -1 ]  # ? a number for each dimension, -1 where it varies
}
output {
  name: "OUTPUT__0"
  data_type: TYPE_FP32  # ?
  dims: [ -1 ]  # ? a number for each dimension, -1 where it varies
}
`,
  );
});

test("strings are known whole, optional inputs are marked so, and it can be read", () => {
  const signature = torchSignature(
    { words: strings, bias: [optional(tensor), "None"] },
    tuple(tensor, tuple(strings)),
  );
  const { input, output } = readModelConfig(torchSkeleton("net", { ...nothing, signature }), "skeleton");
  assert.equal(
    input.map(({ name, dataType, optional: isOptional }) => [name, dataType, isOptional]),
    [
      ["words", "TYPE_STRING", false],
      ["bias", "TYPE_FP32", true],
    ],
  );
  assert.equal(
    output.map(({ name, dataType }) => [name, dataType]),
    [
      ["OUTPUT__0", "TYPE_FP32"],
      ["OUTPUT__1", "TYPE_STRING"],
    ],
  );
});

test("what a module was traced with is known", () => {
  const text = torchSkeleton("net", {
    ...nothing,
    signature: torchSignature({ ids: tensor }),
    tracedInputs: [{ name: "ids", dataType: "TYPE_INT64", shape: [2, 8] }],
  });
  assert.match(
    text,
    "  data_type: TYPE_INT64  # as it was traced\n  dims: [ 2, 8 ]  # as it was traced; -1 where it varies",
  );
});

test("a data type that all parameters have is likely", () => {
  const signature = torchSignature({ x: tensor });
  const half = torchSkeleton("net", { ...nothing, signature, parameters: [weight("TYPE_FP16")] });
  assert.match(half, "data_type: TYPE_FP16  # ? as its parameters");
  const mixed = torchSkeleton("net", {
    ...nothing,
    signature,
    parameters: [weight("TYPE_FP16"), weight("TYPE_FP32")],
  });
  assert.match(mixed, "data_type: TYPE_FP32  # ?\n");
});

test("keys of dictionaries, and how long a list is, are not in the file", () => {
  const signature = torchSignature({ features: dict(tensor) }, list(tensor));
  const text = torchSkeleton("net", { ...nothing, signature });
  assert.match(text, `name: "KEY"  # ? one input for each key of the dictionary 'features'`);
  assert.match(text, `name: "OUTPUT__0"  # ? one output for each tensor in List[Tensor]`);
});

test.run();
