import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodeBytesElements } from "../../src/inference/bytes-elements.js";
import type { InferenceRequest } from "../../src/inference/request.js";
import { Code } from "../../src/inference/serving-error.js";
import { Tensor } from "../../src/inference/tensor.js";
import { fp32, makeModel, rejection, request } from "./make-model.js";

const twoInputs = `
  name: "m" backend: "tensorflow" platform: "tensorflow_graphdef" max_batch_size: 4
  input { name: "a" data_type: TYPE_FP32 dims: 16 }
  input { name: "b" data_type: TYPE_INT32 dims: -1 }
  output { name: "y" data_type: TYPE_FP32 dims: 16 }
  output { name: "z" data_type: TYPE_FP32 dims: 1 }
`;
const int32 = (name: string, shape: readonly number[], elements = shape.reduce((a, b) => a * b, 1)) =>
  new Tensor(name, "INT32", shape, new Uint8Array(elements * 4));
const a = fp32("a", [1, 16]);
const b = int32("b", [1, 2]);

const { model } = makeModel(twoInputs);
const unknownId = "[request id: <id_unknown>] ";
const note =
  "NOTE: Setting a non-zero max_batch_size in the model config requires a batch dimension to be prepended to each input " +
  "shape. If you want to specify the full shape including the batch dim in your input dims config, try setting " +
  "max_batch_size to zero. See the model configuration docs for more info on max_batch_size.";

async function refused(
  infer: Promise<unknown>,
  message: string,
  code: Code = Code.INVALID_ARGUMENT,
): Promise<void> {
  const error = await rejection(infer);
  assert.is(error.message, message);
  assert.is(error.code, code);
}

const faults: [name: string, request: InferenceRequest, message: string][] = [
  [
    "an input is missing",
    request([a]),
    `${unknownId}expected 2 inputs but got 1 inputs for model 'm'. Got input(s) ['a'], but missing required input(s) ['b']. Please provide all required input(s).`,
  ],
  [
    "there are no inputs",
    request([]),
    `${unknownId}expected 2 inputs but got 0 inputs for model 'm'. Got input(s) [], but missing required input(s) ['a','b']. Please provide all required input(s).`,
  ],
  [
    "there are too many inputs",
    request([a, b, fp32("c", [1])]),
    `${unknownId}expected 2 inputs but got 3 inputs for model 'm'. Got input(s) ['a','b','c'], but missing required input(s) []. Please provide all required input(s).`,
  ],
  ["an input is unknown", request([a, fp32("c", [1])]), "unexpected inference input 'c' for model 'm'"],
  ["an input is given twice", request([a, a]), `${unknownId}input 'a' already exists in request`],
  [
    "an output is unknown",
    request([a, b], { outputs: ["y", "x"] }),
    "unexpected inference output 'x' for model 'm'",
  ],
  [
    "an output is named twice",
    request([a, b], { outputs: ["y", "y"] }),
    `${unknownId}output 'y' already exists in request`,
  ],
  [
    "an input has no shape",
    request([fp32("a", []), b]),
    `${unknownId}input 'a' has no shape but model requires batch dimension for 'm'`,
  ],
  [
    "batch sizes differ",
    request([a, int32("b", [2, 2])]),
    `${unknownId}input 'b' batch size does not match other inputs for 'm'`,
  ],
  [
    "the batch is too large",
    request([fp32("a", [5, 16]), int32("b", [5, 2])]),
    `${unknownId}inference request batch-size must be <= 4 for 'm'`,
  ],
  [
    "a datatype is another",
    request([a, fp32("b", [1, 2])]),
    `${unknownId}inference input 'b' data-type is 'FP32', but model 'm' expects 'INT32'`,
  ],
  [
    "a dimension is left open",
    request([a, int32("b", [1, -1], 2)]),
    `${unknownId}All input dimensions should be specified for input 'b' for model 'm', got [1,-1]`,
  ],
  [
    "a shape does not fit",
    request([fp32("a", [1, 8]), b]),
    `${unknownId}unexpected shape for input 'a' for model 'm'. Expected [-1,16], got [1,8]. ${note}`,
  ],
  [
    "a rank is another",
    request([fp32("a", [1, 1, 16]), b]),
    `${unknownId}unexpected shape for input 'a' for model 'm'. Expected [-1,16], got [1,1,16]. ${note}`,
  ],
  [
    "there are too few bytes",
    request([a, int32("b", [1, 3], 2)]),
    `${unknownId}input byte size mismatch for input 'b' for model 'm'. Expected 12, got 8`,
  ],
  [
    "the batch is empty",
    request([fp32("a", [0, 16]), int32("b", [0, 2])]),
    `${unknownId}input byte size mismatch for input 'a' for model 'm'. Expected 64, got 0`,
  ],
];
for (const [name, bad, message] of faults) {
  test(`a request is refused where ${name}`, () => refused(model.infer(bad), message));
}

test("a refusal names the request's id", () =>
  refused(
    model.infer(request([a, a], { id: "r 1" })),
    "[request id: r 1] input 'a' already exists in request",
  ));

test("outputs are checked before inputs, names before batches, batches before datatypes", async () => {
  const wrongBatch = fp32("b", [2, 2]);
  await refused(
    model.infer(request([a], { outputs: ["x"] })),
    "unexpected inference output 'x' for model 'm'",
  );
  await refused(
    model.infer(request([a, wrongBatch])),
    `${unknownId}input 'b' batch size does not match other inputs for 'm'`,
  );
});

test("without a batch dimension shapes are the configured ones, and the text says no more", () => {
  const { model } = makeModel(twoInputs.replace("max_batch_size: 4", ""));
  return refused(
    model.infer(request([fp32("a", [8]), int32("b", [2])])),
    `${unknownId}unexpected shape for input 'a' for model 'm'. Expected [16], got [8]. `,
  );
});

test("inputs may come in any order", async () => {
  const { model, engine } = makeModel(twoInputs, { compute: () => [] });
  await rejection(model.infer(request([b, a])));
  assert.equal(engine.executions[0]?.[0]?.shapes, [
    [1, 16],
    [1, 2],
  ]);
});

test("optional inputs may be left out", async () => {
  const optional = twoInputs.replace("dims: -1", "dims: -1 optional: true");
  const { model, engine } = makeModel(optional, { compute: () => [] });
  await rejection(model.infer(request([a])));
  assert.equal(engine.executions[0]?.[0]?.inputs, [a.bytes, undefined]);
  await refused(
    model.infer(request([b])),
    `${unknownId}expected number of inputs between 1 and 2 but got 1 inputs for model 'm'. Got input(s) ['b'], but missing required input(s) ['a']. Please provide all required input(s).`,
  );
});

const strings = `
  name: "s" backend: "tensorflow" platform: "tensorflow_graphdef" max_batch_size: 4
  input { name: "t" data_type: TYPE_STRING dims: 2 }
  output { name: "t" data_type: TYPE_STRING dims: 2 }
`;
const text = (bytes: Uint8Array) => request([new Tensor("t", "BYTES", [1, 2], bytes)]);
const stringFaults: [name: string, bytes: Uint8Array, message: string][] = [
  [
    "too few elements",
    encodeBytesElements(["a"]),
    "expected 2 string elements for inference input 't' for model 's', got 1",
  ],
  [
    "too many elements",
    encodeBytesElements(["a", "b", "c"]),
    "unexpected number of string elements 3 for inference input 't' for model 's', expecting 2",
  ],
  [
    "half a length",
    Buffer.concat([encodeBytesElements(["a"]), Buffer.from([1, 0])]),
    "incomplete string length indicator for inference input 't' for model 's', expecting 4 bytes but only 2 bytes available. Please make sure the string length indicator is in one buffer.",
  ],
  [
    "half an element",
    encodeBytesElements(["a", "bcd"]).subarray(0, -1),
    "incomplete string data for inference input 't', expecting string of length 3 but only 2 bytes available",
  ],
];
for (const [name, bytes, message] of stringFaults) {
  test(`BYTES with ${name} are refused`, () =>
    refused(makeModel(strings).model.infer(text(bytes)), unknownId + message));
}

test("BYTES with as many elements as the shape says are accepted, empty ones too", async () => {
  const { model, engine } = makeModel(strings, {
    compute: ({ inputs, shapes }) => [
      { datatype: "BYTES", shape: shapes[0] ?? [], bytes: inputs[0] as Uint8Array },
    ],
  });
  const { outputs } = await model.infer(text(encodeBytesElements(["", "\0é"])));
  assert.equal(outputs[0]?.toStrings(), ["", "\0é"]);
  assert.is(engine.executions.length, 1);
});

test("nothing that is refused reaches the engine or the statistics", async () => {
  const { model, engine } = makeModel(twoInputs);
  for (const [, bad] of faults) await rejection(model.infer(bad));
  assert.is(engine.executions.length, 0);
  assert.is(model.statistics.fail.count, 0);
  assert.is(model.statistics.lastInference, 0);
});

test.run();
