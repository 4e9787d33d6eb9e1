import { test } from "uvu";
import { validateBatchIo } from "../../src/config/validate-batch-io.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { rejects } from "./rejects.js";

const tensors = `
  max_batch_size: 4
  input [ { name: "x" dims: [-1, 3] }, { name: "other" dims: [2] } ]
  output [ { name: "y" dims: [-1, 3] }, { name: "deep" dims: [2, 3, -1] } ]
`;

const valid = (text: string) => validateBatchIo(configOf(tensors + text));
const invalid = (text: string, message: string) => rejects(() => valid(text), Code.INVALID_ARGUMENT, message);

const batchInput = (fields: string) => `batch_input { ${fields} }`;
const whole = 'kind: BATCH_ITEM_SHAPE data_type: TYPE_FP32 source_input: "x"';
const batchOutput = (fields: string) => `batch_output { kind: BATCH_SCATTER_WITH_INPUT_SHAPE ${fields} }`;

test("batch inputs and outputs with one source each are valid", () => {
  valid(batchInput(`${whole} target_name: "shapes"`));
  valid(batchInput(`${whole} target_name: ["shapes", "again"]`));
  valid(batchOutput('target_name: "y" source_input: "x"'));
});

test("there is exactly one source", () => {
  invalid(
    batchInput('data_type: TYPE_INT32 target_name: "n"'),
    "batch input kind 'BATCH_ELEMENT_COUNT' expects 1 source input, got 0",
  );
  invalid(
    batchInput(`${whole} source_input: "other" target_name: "n"`),
    "batch input kind 'BATCH_ITEM_SHAPE' expects 1 source input, got 2",
  );
  invalid(
    batchOutput('target_name: "y"'),
    "batch output kind 'BATCH_SCATTER_WITH_INPUT_SHAPE' expects 1 source input, got 0",
  );
});

test("the source is an input of the configuration", () => {
  invalid(
    batchInput('data_type: TYPE_INT32 target_name: "n" source_input: "z"'),
    "unknown source input name 'z'",
  );
  invalid(batchOutput('target_name: "y" source_input: "z"'), "unknown source input name 'z'");
});

test("batch inputs are INT32 or FP32", () => {
  invalid(
    batchInput('data_type: TYPE_INT64 target_name: "n" source_input: "x"'),
    "batch input data type must be TYPE_INT32 or TYPE_FP32",
  );
});

test("a batch input has a target of its own", () => {
  invalid(batchInput(whole), "batch input kind 'BATCH_ITEM_SHAPE' must specify 'target_name' for m");
  invalid(
    batchInput(`${whole} target_name: "other"`),
    "batch input target name 'other' is an input of the configuration too for m",
  );
  invalid(
    batchInput(`${whole} target_name: "n"`) + batchInput(`${whole} target_name: "n"`),
    "target input name 'n' can only be specified once",
  );
  const control = "control { kind: CONTROL_SEQUENCE_START bool_false_true: [false, true] }";
  invalid(
    `${batchInput(`${whole} target_name: "start"`)} sequence_batching { control_input { name: "start" ${control} } }`,
    "batch input target name 'start' is an input of the configuration too for m",
  );
});

test("a batch output's targets are outputs of the configuration, each once", () => {
  invalid(batchOutput('target_name: "z" source_input: "x"'), "unknown target output name 'z'");
  invalid(
    batchOutput('target_name: ["y", "y"] source_input: "x"'),
    "target output name 'y' can only be specified once",
  );
  invalid(
    batchOutput('target_name: "y" source_input: "x"') + batchOutput('target_name: "y" source_input: "other"'),
    "target output name 'y' can only be specified once",
  );
});

test("the source has the dimensions that the output takes from it", () => {
  invalid(
    batchOutput('target_name: "deep" source_input: "x"'),
    "batch output target 'deep' takes its variable dimension 2 from input 'x', which has only 2 dimensions, for m",
  );
});

test("rows are described only where there is a batch dimension", () => {
  rejects(
    () =>
      validateBatchIo(
        configOf(`input { name: "x" dims: [-1] } ${batchInput(`${whole} target_name: "shapes"`)}`),
      ),
    Code.INVALID_ARGUMENT,
    "batch input kind 'BATCH_ITEM_SHAPE' needs 'max_batch_size' to be positive for m",
  );
});

test.run();
