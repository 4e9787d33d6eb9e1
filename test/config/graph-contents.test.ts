import { test } from "uvu";
import * as assert from "uvu/assert";
import { readGraphContents, readSavedModelContents } from "../../src/config/graph-contents.js";
import { loadDescriptor } from "../../src/config/message-schema.js";
import { Code } from "../../src/inference/serving-error.js";
import { rejects } from "./rejects.js";

function encode(message: "GraphDef" | "SavedModel", content: object): Uint8Array {
  const type = loadDescriptor("graph-contents").lookupType(`tensorflow.${message}`);
  return type.encode(type.fromObject(content)).finish();
}

const shape = (...sizes: number[]) => ({ dim: sizes.map((size) => ({ size })) });
const node = (name: string, op: string, input: readonly string[] = [], attr: object = {}) => ({
  name,
  op,
  input,
  attr,
});
const constant = (name: string, tensor: object) => node(name, "Const", [], { value: { tensor } });

const graph = {
  node: [
    node("x", "Placeholder", [], { dtype: { type: "DT_FLOAT" }, shape: { shape: shape(-1, 2) } }),
    node("any", "PlaceholderWithDefault", ["numbers:0"], { dtype: { type: "DT_INT64" } }),
    constant("numbers", { dtype: "DT_INT64", tensor_shape: shape(2, 3) }),
    constant("one", { dtype: "DT_HALF", tensor_shape: {} }),
    constant("words", {
      dtype: "DT_STRING",
      tensor_shape: shape(2),
      string_val: [Buffer.from("abc"), Buffer.from("")],
    }),
    node("w", "VarHandleOp", [], { dtype: { type: "DT_FLOAT" }, shape: { shape: shape(4, 8) } }),
    node("ref", "VariableV2", [], { dtype: { type: "DT_DOUBLE" }, shape: { shape: shape(2) } }),
    node("table", "HashTableV2"),
    node("y", "AddN", ["x", "one:0", "w", "ref", "^table"]),
  ],
  library: {
    function: [
      { node_def: [node("a", "Relu"), node("b", "Relu"), node("c", "Relu")] },
      { node_def: [constant("d", { dtype: "DT_BOOL", tensor_shape: shape(5) })] },
    ],
  },
};

test("counts operations, those in functions too, the most frequent first", () => {
  const { operations, functionCount } = readGraphContents(encode("GraphDef", graph));
  assert.is(functionCount, 2);
  assert.equal(Object.entries(operations).slice(0, 3), [
    ["Const", 4],
    ["Relu", 3],
    ["AddN", 1],
  ]);
});

test("weighs constants and variables by type and shape", () => {
  const { constants, variables, tableCount } = readGraphContents(encode("GraphDef", graph));
  assert.equal(constants, { count: 4, byteSize: 6 * 8 + 2 + 3 + 5 });
  assert.equal(variables, { count: 2, byteSize: 4 * 8 * 4 + 2 * 8 });
  assert.is(tableCount, 1);
});

test("names what can be fed, and what nothing uses", () => {
  const { placeholders, ends } = readGraphContents(encode("GraphDef", graph));
  assert.equal(placeholders, [
    { name: "x", dtype: "DT_FLOAT", shape: [-1, 2] },
    { name: "any", dtype: "DT_INT64", shape: undefined },
  ]);
  assert.equal(ends, ["any", "words", "y"]);
});

test("an empty graph has nothing", () => {
  assert.equal(readGraphContents(new Uint8Array()).operations, {});
});

test("reads each graph of a SavedModel, with what initialises it", () => {
  const bytes = encode("SavedModel", {
    meta_graphs: [
      {
        meta_info_def: { tags: ["serve", "tpu"], tensorflow_version: "1.15.0" },
        graph_def: graph,
        collection_def: { legacy_init_op: { node_list: { value: ["init_all_tables"] } } },
        asset_file_def: [{ filename: "words.txt" }],
      },
      { meta_info_def: { tags: ["train"] } },
    ],
  });
  const [first, second] = readSavedModelContents(bytes);
  assert.equal(first?.tags, ["serve", "tpu"]);
  assert.is(first?.tensorFlowVersion, "1.15.0");
  assert.is(first?.graph.operations.Relu, 3);
  assert.equal(first?.initOperations, ["init_all_tables"]);
  assert.equal(first?.assets, ["words.txt"]);
  assert.equal(second?.graph.operations, {});
});

test("other bytes are refused", () => {
  const text = Buffer.from("not a model at all");
  rejects(() => readGraphContents(text), Code.INVALID_ARGUMENT, /^not a GraphDef: /);
  rejects(() => readSavedModelContents(text), Code.INVALID_ARGUMENT, /^not a SavedModel: /);
});

test.run();
