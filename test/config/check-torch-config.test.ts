import { test } from "uvu";
import { checkTorchConfig } from "../../src/config/check-torch-config.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { rejects } from "./rejects.js";

const tensor = (type: string) => `{ name: "T" data_type: ${type} dims: 1 }`;

test("inputs and outputs are not completed, so they have to be there", () => {
  rejects(
    () => checkTorchConfig(configOf(`output ${tensor("TYPE_FP32")}`)),
    Code.INVALID_ARGUMENT,
    "model configuration must contain at least one input, none were specified.",
  );
  rejects(
    () => checkTorchConfig(configOf(`input ${tensor("TYPE_FP32")}`)),
    Code.INVALID_ARGUMENT,
    "model configuration must contain at least one output, none were specified.",
  );
});

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

test.run();
