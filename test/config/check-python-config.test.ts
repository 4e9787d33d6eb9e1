import { test } from "uvu";
import { checkPythonConfig } from "../../src/config/check-python-config.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { rejects } from "./rejects.js";

const tensor = (type = "TYPE_FP32") => `{ name: "T" data_type: ${type} dims: 1 }`;
const io = `input ${tensor()} output ${tensor()}`;

test("inputs and outputs are not completed, so they have to be there", () => {
  checkPythonConfig(configOf(io));
  for (const [missing, text] of [
    ["input", `output ${tensor()}`],
    ["output", `input ${tensor()}`],
  ] as const) {
    rejects(
      () => checkPythonConfig(configOf(text)),
      Code.INVALID_ARGUMENT,
      `model configuration must contain at least one ${missing}, none were specified.`,
    );
  }
});

test("data types are torch's, and strings are none of them", () => {
  checkPythonConfig(configOf(`input ${tensor("TYPE_BF16")} output ${tensor("TYPE_BOOL")}`));
  rejects(
    () => checkPythonConfig(configOf(`input ${tensor("TYPE_STRING")} output ${tensor()}`)),
    Code.INVALID_ARGUMENT,
    "unsupported datatype TYPE_STRING for input 'T' for model 'm'",
  );
  rejects(
    () => checkPythonConfig(configOf(`input ${tensor()} output ${tensor("TYPE_UINT32")}`)),
    Code.INVALID_ARGUMENT,
    "unsupported datatype TYPE_UINT32 for output 'T' for model 'm'",
  );
});

for (const [what, text] of [
  [
    "'input.allow_ragged_batch' ('R')",
    'input { name: "R" data_type: TYPE_FP32 dims: -1 allow_ragged_batch: true }',
  ],
  [
    "'batch_input'",
    'batch_input { kind: BATCH_ELEMENT_COUNT target_name: "C" data_type: TYPE_FP32 source_input: "T" }',
  ],
  [
    "'batch_output'",
    'batch_output { kind: BATCH_SCATTER_WITH_INPUT_SHAPE target_name: "T" source_input: "T" }',
  ],
] as const) {
  test(`${what} is refused: there are no flat lists`, () => {
    rejects(
      () => checkPythonConfig(configOf(`max_batch_size: 4 ${io} ${text}`)),
      Code.UNIMPLEMENTED,
      `model 'm': ${what} is not supported for PyTorch models in Python: requests are concatenated along their ` +
        "first dimension",
    );
  });
}

test("libraries of custom operations are TensorFlow's", () => {
  rejects(
    () => checkPythonConfig(configOf(`${io} model_operations { op_library_filename: "ops.so" }`)),
    Code.UNIMPLEMENTED,
    "model 'm': 'model_operations.op_library_filename' ('ops.so') is not supported for PyTorch models",
  );
});

test.run();
