import { test } from "uvu";
import { checkGraphDef, checkSavedModel } from "../../src/config/check-tensorflow-model.js";
import type { Signature } from "../../src/config/saved-model-signature.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { signatureOf } from "./example-signature.js";
import { rejects } from "./rejects.js";

const model = signatureOf(
  { a: ["DT_FLOAT", [-1, 16]], b: ["DT_INT32", [-1, -1]] },
  { y: ["DT_INT64", [-1, 4]], z: ["DT_FLOAT", [-1, -1]] },
);

const input = (name: string, type: string, dims: string) =>
  `input { name: "${name}" data_type: ${type} dims: [${dims}] }`;
const output = (name: string, type: string, dims: string) =>
  `output { name: "${name}" data_type: ${type} dims: [${dims}] }`;
const inputs = `${input("a", "TYPE_FP32", "16")} ${input("b", "TYPE_INT32", "3")}`;

function check(text: string, signature: Signature = model): void {
  checkSavedModel(configOf(text), signature);
}

function refuses(text: string, message: string, signature: Signature = model): void {
  rejects(() => check(text, signature), Code.INVALID_ARGUMENT, message);
}

test("a configuration that agrees with the signature passes, with some of the outputs", () => {
  check(`max_batch_size: 8 ${inputs} ${output("y", "TYPE_INT64", "4")}`);
  check(
    `${input("a", "TYPE_FP32", "-1, 16")} ${input("b", "TYPE_INT32", "2, 3")} ${output("z", "TYPE_FP32", "-1, -1")}`,
  );
});

test("names are keys of the signature", () => {
  refuses(
    `${inputs} ${input("c", "TYPE_FP32", "1")}`,
    "unexpected inference input 'c', allowed inputs are: a, b",
  );
  refuses(
    `max_batch_size: 8 ${inputs} ${output("x", "TYPE_FP32", "1")}`,
    "unexpected inference output 'x', allowed outputs are: y, z",
  );
});

test("every input of the signature is configured", () => {
  refuses(
    `max_batch_size: 8 ${input("a", "TYPE_FP32", "16")}`,
    "unable to load model 'm', configuration expects 1 inputs, model provides 2",
  );
});

test("data types are the signature's", () => {
  refuses(
    `max_batch_size: 8 ${input("a", "TYPE_FP32", "16")} ${input("b", "TYPE_FP32", "3")}`,
    "unable to load model 'm', configuration expects datatype TYPE_FP32 for input 'b', model provides TYPE_INT32",
  );
  refuses(
    `max_batch_size: 8 ${inputs} ${output("y", "TYPE_INT32", "4")}`,
    "unable to load model 'm', configuration expects datatype TYPE_INT32 for output 'y', model provides TYPE_INT64",
  );
  refuses(
    input("c", "TYPE_FP32", "1"),
    "unable to process input 'c' for 'm', unsupported datatype 'DT_COMPLEX64'",
    signatureOf({ c: ["DT_COMPLEX64", [1]] }, {}),
  );
});

test("a shape with a batch dimension begins with -1", () => {
  refuses(
    `max_batch_size: 8 ${input("a", "TYPE_FP32", "16")}`,
    "model 'm', tensor 'a': for the model to support batching the shape should have at least 1 dimension and the " +
      "first dimension must be -1; but shape expected by the model is [2,16]",
    signatureOf({ a: ["DT_FLOAT", [2, 16]] }, {}),
  );
});

test("shapes have the same rank and dimensions", () => {
  refuses(
    `max_batch_size: 8 ${input("a", "TYPE_FP32", "-1, 16")} ${input("b", "TYPE_INT32", "3")}`,
    "model 'm', tensor 'a': the model expects 2 dimensions (shape [-1,16]) but the model configuration specifies " +
      "3 dimensions (an initial batch dimension because max_batch_size > 0 followed by the explicit tensor shape, " +
      "making complete shape [-1,-1,16])",
  );
  refuses(
    `${input("a", "TYPE_FP32", "16")} ${input("b", "TYPE_INT32", "2, 3")}`,
    "model 'm', tensor 'a': the model expects 2 dimensions (shape [-1,16]) but the model configuration specifies " +
      "1 dimensions (shape [16])",
  );
});

test("an input may be narrower than the model, an output not", () => {
  check(`max_batch_size: 8 ${inputs} ${output("z", "TYPE_FP32", "-1")}`);
  refuses(
    `max_batch_size: 8 ${inputs} ${output("z", "TYPE_FP32", "5")}`,
    "model 'm', tensor 'z': the model expects 2 dimensions (shape [-1,-1]) but the model configuration specifies " +
      "2 dimensions (an initial batch dimension because max_batch_size > 0 followed by the explicit tensor shape, " +
      "making complete shape [-1,5])",
  );
});

test("an input is not wider than the model", () => {
  refuses(
    input("a", "TYPE_FP32", "-1"),
    "model 'm', tensor 'a': the model expects 1 dimensions (shape [16]) but the model configuration specifies " +
      "1 dimensions (shape [-1])",
    signatureOf({ a: ["DT_FLOAT", [16]] }, {}),
  );
});

test("a reshape is what the model sees", () => {
  check(
    'input { name: "a" data_type: TYPE_FP32 dims: [4, 4] reshape { shape: [16] } } max_batch_size: 1',
    signatureOf({ a: ["DT_FLOAT", [-1, 16]] }, {}),
  );
});

test("scalars and unknown ranks take any dims", () => {
  for (const shape of [[], undefined]) {
    check(
      `max_batch_size: 8 ${input("a", "TYPE_FP32", "3, 4")} ${output("y", "TYPE_FP32", "5")}`,
      signatureOf({ a: ["DT_FLOAT", shape] }, { y: ["DT_FLOAT", shape] }),
    );
  }
});

test("a ragged input is one flat list", () => {
  const ragged =
    'max_batch_size: 8 input { name: "a" data_type: TYPE_FP32 dims: [-1] allow_ragged_batch: true }';
  check(ragged, signatureOf({ a: ["DT_FLOAT", [-1]] }, {}));
  refuses(
    ragged,
    "model 'm', tensor 'a': the model expects 2 dimensions (shape [-1,-1]) but the model configuration specifies " +
      "1 dimensions (shape [-1])",
    signatureOf({ a: ["DT_FLOAT", [-1, -1]] }, {}),
  );
});

test("an output that is cut by an input's shape is one flat list", () => {
  const scattered = `max_batch_size: 8 ${input("a", "TYPE_FP32", "16")} ${output("y", "TYPE_INT64", "-1, 2")}
    batch_output { target_name: "y" source_input: "a" }`;
  check(scattered, signatureOf({ a: ["DT_FLOAT", [-1, 16]] }, { y: ["DT_INT64", [-1]] }));
  refuses(
    scattered,
    "model 'm', tensor 'y': the model expects 3 dimensions (shape [-1,-1,2]) but the model configuration specifies " +
      "1 dimensions (shape [-1])",
    signatureOf({ a: ["DT_FLOAT", [-1, 16]] }, { y: ["DT_INT64", [-1, -1, 2]] }),
  );
});

const made = (kind: string, type: string) =>
  `max_batch_size: 8 ${input("a", "TYPE_FP32", "4, 4")} batch_input { kind: ${kind} data_type: ${type}
    target_name: "n" source_input: "a" }`;

test("inputs made of the batch are the model's, of its type, and have a number a request or dimensions a row", () => {
  const a = ["DT_FLOAT", [-1, 4, 4]] as const;
  check(made("BATCH_ELEMENT_COUNT", "TYPE_INT32"), signatureOf({ a, n: ["DT_INT32", [-1]] }, {}));
  check(made("BATCH_ITEM_SHAPE", "TYPE_FP32"), signatureOf({ a, n: ["DT_FLOAT", [-1, 2]] }, {}));
  refuses(
    made("BATCH_ELEMENT_COUNT", "TYPE_INT32"),
    "unexpected inference input 'n', allowed inputs are: a, other",
    signatureOf({ a, other: ["DT_INT32", [-1]] }, {}),
  );
  refuses(
    made("BATCH_ELEMENT_COUNT", "TYPE_FP32"),
    "unable to load model 'm', configuration expects datatype TYPE_FP32 for input 'n', model provides TYPE_INT32",
    signatureOf({ a, n: ["DT_INT32", [-1]] }, {}),
  );
  refuses(
    made("BATCH_ITEM_SHAPE", "TYPE_FP32"),
    "model 'm', tensor 'n': the model expects 2 dimensions (shape [-1,3]) but the model configuration specifies " +
      "2 dimensions (shape [-1,2])",
    signatureOf({ a, n: ["DT_FLOAT", [-1, 3]] }, {}),
  );
});

const controlled = (max: number, control: string) =>
  `max_batch_size: ${max} ${input("a", "TYPE_FP32", "16")}
    sequence_batching { control_input { name: "S" control { ${control} } } }`;
const start = "kind: CONTROL_SEQUENCE_START int32_false_true: [0, 1]";

test("sequence controls are inputs of the model of one element each", () => {
  const a = ["DT_FLOAT", [-1, 16]] as const;
  check(controlled(8, start), signatureOf({ a, S: ["DT_INT32", [-1, 1]] }, {}));
  check(controlled(0, start), signatureOf({ a: ["DT_FLOAT", [16]], S: ["DT_INT32", [1]] }, {}));
  const id = "kind: CONTROL_SEQUENCE_CORRID data_type: TYPE_STRING";
  check(controlled(8, id), signatureOf({ a, S: ["DT_STRING", [-1, 1]] }, {}));
  refuses(
    controlled(8, start),
    "unexpected inference input 'S', allowed inputs are: a",
    signatureOf({ a }, {}),
  );
  refuses(
    controlled(8, start),
    "unable to load model 'm', configuration expects 2 inputs, model provides 3",
    signatureOf({ a, S: ["DT_INT32", [-1, 1]], E: ["DT_INT32", [-1, 1]] }, {}),
  );
  refuses(
    controlled(8, start),
    "unable to load model 'm', configuration expects datatype TYPE_INT32 for input 'S', model provides TYPE_FP32",
    signatureOf({ a, S: ["DT_FLOAT", [-1, 1]] }, {}),
  );
  refuses(
    controlled(8, start),
    "model 'm', tensor 'S': the model expects 2 dimensions (shape [-1,2]) but the model configuration specifies " +
      "2 dimensions (an initial batch dimension because max_batch_size > 0 followed by the explicit tensor shape, " +
      "making complete shape [-1,1])",
    signatureOf({ a, S: ["DT_INT32", [-1, 2]] }, {}),
  );
});

const graph = [
  { name: "x", operation: "Placeholder" },
  { name: "unused", operation: "PlaceholderWithDefault" },
  { name: "w", operation: "Const" },
  { name: "y", operation: "MatMul" },
];

const x = input("x", "TYPE_FP32", "1");
const y = output("y", "TYPE_FP32", "1");

function refusesGraph(text: string, message: string, nodes = graph): void {
  rejects(() => checkGraphDef(configOf(text), nodes), Code.INVALID_ARGUMENT, message);
}

test("of a graph, placeholders are inputs and other operations outputs", () => {
  checkGraphDef(configOf(x + y), graph);
  refusesGraph(
    input("w", "TYPE_FP32", "1") + y,
    "unexpected inference input 'w', allowed inputs are: x, unused",
  );
  refusesGraph(
    x + output("x", "TYPE_FP32", "1"),
    "unexpected inference output 'x', allowed outputs are: w, y",
  );
});

test("what is made for a graph has to be placeholders too", () => {
  const counted = `${x} ${y} batch_input { target_name: "unused" source_input: "x" }`;
  checkGraphDef(configOf(counted), graph);
  refusesGraph(
    counted.replace("unused", "w"),
    "unexpected inference input 'w', allowed inputs are: x, unused",
  );
});

test("a graph has at least the inputs configured, and something in it", () => {
  const three = ["x", "unused", "more"].map((name) => input(name, "TYPE_FP32", "1")).join(" ");
  refusesGraph(
    three + y,
    "unable to load model 'm', configuration expects 3 inputs, model provides at most 2",
  );
  refusesGraph(x + y, "model m has an empty network", []);
});

test("a graph does not say what it takes and gives, so the configuration has to", () => {
  refusesGraph(y, "unable to load model 'm', a GraphDef needs at least one input in the model configuration");
  refusesGraph(
    x,
    "unable to load model 'm', a GraphDef needs at least one output in the model configuration",
  );
});

test.run();
