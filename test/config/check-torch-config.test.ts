import { test } from "uvu";
import { checkTorchConfig } from "../../src/config/check-torch-config.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { rejects } from "./rejects.js";

const tensor = (type: string) => `{ name: "T" data_type: ${type} dims: 1 }`;

test("data types are torch's", () => {
  checkTorchConfig(configOf(`input ${tensor("TYPE_BF16")} output ${tensor("TYPE_STRING")}`));
  rejects(
    () => checkTorchConfig(configOf(`input ${tensor("TYPE_UINT32")} output ${tensor("TYPE_FP32")}`)),
    Code.INVALID_ARGUMENT,
    "unsupported datatype TYPE_UINT32 for input 'T' for model 'm'",
  );
  rejects(
    () => checkTorchConfig(configOf(`input ${tensor("TYPE_FP32")} output ${tensor("TYPE_UINT64")}`)),
    Code.INVALID_ARGUMENT,
    "unsupported datatype TYPE_UINT64 for output 'T' for model 'm'",
  );
});

test("libraries of custom operations are TensorFlow's", () => {
  const tensors = `input ${tensor("TYPE_FP32")} output ${tensor("TYPE_FP32")}`;
  rejects(
    () => checkTorchConfig(configOf(`${tensors} model_operations { op_library_filename: "ops.so" }`)),
    Code.UNIMPLEMENTED,
    "model 'm': 'model_operations.op_library_filename' ('ops.so') is not supported for PyTorch models",
  );
});

test("strings are a list, one for each row where there are batches", () => {
  const strings = (fields: string, max = 0) =>
    checkTorchConfig(
      configOf(`max_batch_size: ${max} output ${tensor("TYPE_FP32")}
        input { name: "S" data_type: TYPE_STRING ${fields} }`),
    );
  strings("dims: -1");
  strings("dims: 1 reshape { shape: [] }", 8);
  for (const [fields, max] of [
    ["dims: [2, 3]", 0],
    ["dims: 1", 8],
  ] as const) {
    rejects(
      () => strings(fields, max),
      Code.INVALID_ARGUMENT,
      "Triton only supports 1 dimensional List of String as input for 'S' for model 'm'",
    );
  }
});

test("ragged strings, and strings cut by an input's shape, are lists whatever their dims", () => {
  checkTorchConfig(
    configOf(`max_batch_size: 4
      input { name: "S" data_type: TYPE_STRING dims: [-1, 2] allow_ragged_batch: true }
      output { name: "T" data_type: TYPE_STRING dims: [-1, 2] }
      batch_output { target_name: "T" source_input: "S" }`),
  );
});

test("sequence controls are of torch's data types", () => {
  const controlled = (name: string, control: string) =>
    checkTorchConfig(
      configOf(`input ${tensor("TYPE_FP32")} output ${tensor("TYPE_FP32")}
        sequence_batching { control_input { name: "${name}" control { ${control} } } }`),
    );
  controlled("START__1", "kind: CONTROL_SEQUENCE_START int32_false_true: [0, 1]");
  rejects(
    () => controlled("CORRID__2", "kind: CONTROL_SEQUENCE_CORRID data_type: TYPE_UINT32"),
    Code.INVALID_ARGUMENT,
    "input 'CORRID__2' type 'TYPE_UINT32' is not supported by PyTorch.",
  );
});

test.run();
