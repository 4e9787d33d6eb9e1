import { test } from "uvu";
import { checkSavedModel } from "../../src/config/check-tensorflow-model.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { signatureOf } from "./example-signature.js";
import { rejects } from "./rejects.js";

const signature = signatureOf(
  { a: ["DT_FLOAT", [-1, 16]], b: ["DT_STRING", [-1, -1]] },
  { y: ["DT_INT32", [-1, 4]], z: ["DT_HALF", undefined] },
);

const tensor = (name: string, type: string, dims: string) =>
  `{ name: "${name}" data_type: ${type} dims: [${dims}] }`;
const inputA = `input ${tensor("a", "TYPE_FP32", "16")}`;
const inputB = `input ${tensor("b", "TYPE_STRING", "-1")}`;
const outputY = `output ${tensor("y", "TYPE_INT32", "4")}`;

const check = (text: string, checked = signature, maxBatchSize = 4) =>
  checkSavedModel(
    configOf(`backend: "python" platform: "tensorflow_savedmodel" max_batch_size: ${maxBatchSize} ${text}`),
    checked,
  );
const fails = (text: string, message: string, code = Code.INVALID_ARGUMENT) =>
  rejects(() => check(text), code, message);

test("some of the outputs are enough, and of unknown rank any dims will do", () => {
  check(`${inputA} ${inputB} ${outputY}`);
  check(`${inputA} ${inputB} output ${tensor("z", "TYPE_FP16", "2, 3")}`);
});

test("a reshape's side of the model counts", () => {
  check(`input { name: "a" data_type: TYPE_FP32 dims: [4, 4] reshape { shape: 16 } } ${inputB} ${outputY}`);
});

test("every input has to be configured", () => {
  fails(`${inputA} ${outputY}`, "Missing input tensor configuration for tensor 'b'");
});

test("names are the signature's", () => {
  fails(
    `${inputA} ${inputB} input ${tensor("c", "TYPE_FP32", "1")} ${outputY}`,
    "No input tensor with name 'c', only supported input names are ;a;b",
  );
  fails(
    `${inputA} ${inputB} output ${tensor("c", "TYPE_FP32", "1")}`,
    "No output tensor with name 'c', only supported output names are ;y;z",
  );
});

test("data types are the signature's", () => {
  fails(
    `input ${tensor("a", "TYPE_FP64", "16")} ${inputB} ${outputY}`,
    "Mismatch between datatype for tensor 'a', expected 'TYPE_FP32', got 'TYPE_FP64'",
  );
  fails(
    `${inputA} ${inputB} output ${tensor("y", "TYPE_INT64", "4")}`,
    "Mismatch between datatype for tensor 'y', expected 'TYPE_INT32', got 'TYPE_INT64'",
  );
  rejects(
    () => check(inputA, signatureOf({ a: ["DT_COMPLEX64", [-1, 16]] }, {})),
    Code.INVALID_ARGUMENT,
    "Mismatch between datatype for tensor 'a', expected 'DT_COMPLEX64', got 'TYPE_FP32'",
  );
});

test("dims are exactly the signature's, without the batch dimension", () => {
  fails(
    `input ${tensor("a", "TYPE_FP32", "4, 4")} ${inputB} ${outputY}`,
    "Mismatch in the number of dimension with the model for tensor 'a', expected 1, got 2",
  );
  fails(
    `input ${tensor("a", "TYPE_FP32", "-1")} ${inputB} ${outputY}`,
    "Mismatch in 0th dimension for tensor 'a', expected 16, got -1",
  );
  fails(
    `${inputA} input ${tensor("b", "TYPE_STRING", "3")} ${outputY}`,
    "Mismatch in 0th dimension for tensor 'b', expected -1, got 3",
  );
});

test("without batches the first dimension is one like the others", () => {
  const fixed = signatureOf({ a: ["DT_FLOAT", [2, 3]] }, { y: ["DT_FLOAT", [-1]] });
  const output = `output ${tensor("y", "TYPE_FP32", "-1")}`;
  check(`input ${tensor("a", "TYPE_FP32", "2, 3")} ${output}`, fixed, 0);
  rejects(
    () => check(`input ${tensor("a", "TYPE_FP32", "2, 4")} ${output}`, fixed, 0),
    Code.INVALID_ARGUMENT,
    "Mismatch in 1th dimension for tensor 'a', expected 3, got 4",
  );
});

test("what is batched has a dynamic first dimension", () => {
  for (const [shape, given] of [
    [[2, 3], "2"],
    [[], "none"],
  ] as const) {
    rejects(
      () => check(`input ${tensor("a", "TYPE_FP32", "3")}`, signatureOf({ a: ["DT_FLOAT", shape] }, {})),
      Code.INVALID_ARGUMENT,
      "The first dimension of a batching model should be dynamic, however, got shape of first dimension in model " +
        `for tensor 'a' as ${given}`,
    );
  }
});

for (const [field, text] of [
  [
    "batch_input",
    'batch_input { kind: BATCH_ELEMENT_COUNT target_name: "b" data_type: TYPE_FP32 source_input: "a" }',
  ],
  [
    "batch_output",
    'batch_output { kind: BATCH_SCATTER_WITH_INPUT_SHAPE target_name: "y" source_input: "a" }',
  ],
  ["allow_ragged_batch", 'input { name: "b" data_type: TYPE_STRING dims: -1 allow_ragged_batch: true }'],
] as const) {
  test(`${field} is refused`, () => {
    fails(
      `${inputA} ${text}`,
      `The platform model 'tensorflow_savedmodel' does not support model with ${field}`,
      Code.UNIMPLEMENTED,
    );
  });
}

test.run();
