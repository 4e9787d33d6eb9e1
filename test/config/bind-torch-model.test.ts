import { test } from "uvu";
import * as assert from "uvu/assert";
import { bindTorchModel } from "../../src/config/bind-torch-model.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { dict, optional, strings, tensor, torchSignature } from "./example-torch-signature.js";
import { rejects } from "./rejects.js";

const output = 'output { name: "OUTPUT__0" data_type: TYPE_FP32 dims: 1 }';
const input = (name: string, type = "TYPE_FP32") => `input { name: "${name}" data_type: ${type} dims: 1 }`;

test("inputs, sequence controls and inputs made of the batch are bound together, in this order", () => {
  const config = configOf(`${input("X__0")} ${output}
    sequence_batching { control_input { name: "START__2" control { kind: CONTROL_SEQUENCE_START fp32_false_true: [0, 1] } } }
    batch_input { kind: BATCH_ELEMENT_COUNT data_type: TYPE_FP32 target_name: "COUNT__1" source_input: "X__0" }`);
  const { inputs } = bindTorchModel(config, torchSignature({ x: tensor, count: tensor, start: tensor }));
  assert.equal(
    inputs.map(({ argument }) => argument),
    [0, 2, 1],
  );
});

test("sequence controls, and all else beside states, are named by index", () => {
  const sequence = (name: string, fields: string) =>
    bindTorchModel(
      configOf(`${input(name)} ${output} sequence_batching { ${fields} }`),
      torchSignature({ x: tensor, start: tensor }),
    );
  const start = "control { kind: CONTROL_SEQUENCE_START int32_false_true: [0, 1] }";
  sequence("x", `control_input { name: "START__1" ${start} }`);
  rejects(
    () => sequence("x", `control_input { name: "start" ${start} }`),
    Code.INVALID_ARGUMENT,
    "input 'start' does not follow <name>__<index> naming convention. " +
      "(the model is forward(x: Tensor, start: Tensor) -> Tensor)",
  );
  rejects(
    () => sequence("x", `state { input_name: "S__1" output_name: "S__1" data_type: TYPE_FP32 dims: 1 }`),
    Code.INVALID_ARGUMENT,
    "PyTorch model 'm' is using sequence batching with state but not all inputs and outputs follow the " +
      "<name>__<index> naming convention. (the model is forward(x: Tensor, start: Tensor) -> Tensor)",
  );
});

test("a dictionary takes inputs of any names as its keys", () => {
  const config = configOf(`${input("price")} ${input("any name")} ${output}`);
  assert.equal(bindTorchModel(config, torchSignature({ features: dict(tensor) })).inputs, [
    { argument: 0, key: "price" },
    { argument: 0, key: "any name" },
  ]);
});

test("no inputs: as many are missing as forward takes", () => {
  rejects(
    () => bindTorchModel(configOf(output), torchSignature({ x: tensor, y: tensor })),
    Code.INVALID_ARGUMENT,
    /^unable to load model 'm', configuration expects 0 inputs, model provides 2 \(the model is forward\(x: Tensor, y: Tensor\)/,
  );
  for (const signature of [torchSignature({}), torchSignature({ features: dict(tensor) })]) {
    rejects(
      () => bindTorchModel(configOf(output), signature),
      Code.INVALID_ARGUMENT,
      /^model configuration must contain at least one input, none were specified\. \(the model is forward/,
    );
  }
});

test("TYPE_STRING goes with List[str]", () => {
  const config = configOf(`${input("x")} ${input("words", "TYPE_STRING")} ${output}`);
  bindTorchModel(config, torchSignature({ words: optional(strings), x: tensor }));
  for (const [parameters, found] of [
    [{ words: tensor, x: tensor }, "input 'words' is TYPE_STRING, but argument 'words' of forward is Tensor"],
    [{ words: strings, x: strings }, "input 'x' is TYPE_FP32, but argument 'x' of forward is List[str]"],
    [
      { all: dict(tensor) },
      "input 'words' is TYPE_STRING, but the dictionary that forward takes holds tensors",
    ],
  ] as const) {
    rejects(
      () => bindTorchModel(config, torchSignature(parameters)),
      Code.INVALID_ARGUMENT,
      new RegExp(
        `^${found.replace(/[[\]]/g, "\\$&")}; TYPE_STRING goes with List\\[str\\], and only with that \\(the model is`,
      ),
    );
  }
});

test.run();
