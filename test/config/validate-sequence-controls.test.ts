import { test } from "uvu";
import * as assert from "uvu/assert";
import { sequenceControls } from "../../src/config/sequence-controls.js";
import { validateSequenceControls } from "../../src/config/validate-sequence-controls.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { rejects } from "./rejects.js";

const configured = (...controls: string[]) =>
  configOf(`input { name: "x" } sequence_batching { ${controls.join(" ")} }`);
const valid = (...controls: string[]) => validateSequenceControls(configured(...controls));

function invalid(message: string, ...controls: string[]): void {
  rejects(() => valid(...controls), Code.INVALID_ARGUMENT, message);
}

const input = (name: string, ...controls: string[]) =>
  `control_input { name: "${name}" ${controls.map((fields) => `control { ${fields} }`).join(" ")} }`;
const start = "kind: CONTROL_SEQUENCE_START int32_false_true: [0, 1]";
const ready = "kind: CONTROL_SEQUENCE_READY fp32_false_true: [0, 1]";
const end = "kind: CONTROL_SEQUENCE_END bool_false_true: [false, true]";
const id = "kind: CONTROL_SEQUENCE_CORRID data_type: TYPE_STRING";

test("each kind of control may have a tensor, of the type that its values tell", () => {
  const controls = [input("S", start), input("R", ready), input("E", end), input("ID", id)];
  valid(...controls);
  assert.equal(sequenceControls(configured(...controls)), [
    { name: "S", kind: "CONTROL_SEQUENCE_START", dataType: "TYPE_INT32" },
    { name: "R", kind: "CONTROL_SEQUENCE_READY", dataType: "TYPE_FP32" },
    { name: "E", kind: "CONTROL_SEQUENCE_END", dataType: "TYPE_BOOL" },
    { name: "ID", kind: "CONTROL_SEQUENCE_CORRID", dataType: "TYPE_STRING" },
  ]);
});

test("a control tensor has a name of its own and one kind", () => {
  invalid("sequence batching control tensor must have a name for m", input("", start));
  const twice = "sequence batching control tensor 'S' is specified for multiple control kinds for m";
  invalid(twice, input("S", start), input("S", end));
  invalid(twice, input("S", start, end));
  invalid("sequence batching control tensor 'S' must specify a control kind for m", input("S"));
  invalid(
    "sequence batching control tensor 'x' is an input of the configuration too for m",
    input("x", start),
  );
});

test("a kind has one tensor", () => {
  invalid(
    "sequence batching specifies multiple CONTROL_SEQUENCE_START tensors for m",
    input("A", start),
    input("B", start),
  );
});

test("a flag's false and true are given, in one type", () => {
  invalid(
    "sequence batching must specify either 'int32_false_true', 'fp32_false_true' or 'bool_false_true' " +
      "for CONTROL_SEQUENCE_START for m",
    input("S", "kind: CONTROL_SEQUENCE_START"),
  );
  invalid(
    "sequence batching specifies both 'int32_false_true' and 'bool_false_true' for CONTROL_SEQUENCE_START for m",
    input("S", `${start} bool_false_true: [false, true]`),
  );
  for (const values of ["[0]", "[0, 1, 2]"]) {
    invalid(
      "sequence batching control 'int32_false_true' must have exactly 2 entries for CONTROL_SEQUENCE_END for m",
      input("S", `kind: CONTROL_SEQUENCE_END int32_false_true: ${values}`),
    );
  }
});

test("a correlation id is an integer or a string, without false and true", () => {
  for (const type of ["UINT64", "INT64", "UINT32", "INT32"]) {
    valid(input("ID", `kind: CONTROL_SEQUENCE_CORRID data_type: TYPE_${type}`));
  }
  invalid(
    "sequence batching CONTROL_SEQUENCE_CORRID must have one of the data types TYPE_UINT64, TYPE_INT64, " +
      "TYPE_UINT32, TYPE_INT32, TYPE_STRING, got TYPE_FP32, for m",
    input("ID", "kind: CONTROL_SEQUENCE_CORRID data_type: TYPE_FP32"),
  );
  invalid(
    "sequence batching must not specify either 'int32_false_true', 'fp32_false_true' or 'bool_false_true' " +
      "for CONTROL_SEQUENCE_CORRID for m",
    input("ID", `${id} int32_false_true: [0, 1]`),
  );
});

test.run();
