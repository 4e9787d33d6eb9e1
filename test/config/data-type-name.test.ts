import { test } from "uvu";
import * as assert from "uvu/assert";
import { dataTypeName, datatypeOf } from "../../src/config/data-type-name.js";
import { loadDescriptor, modelConfigSchema } from "../../src/config/message-schema.js";
import type { DataTypeName } from "../../src/config/model-config.js";
import { dataTypeOfTensorFlow } from "../../src/config/tensorflow-data-type.js";
import { type Datatype, datatypeByNumber } from "../../src/inference/datatype.js";

test("the configuration's data types are the protocol's, number by number", () => {
  const input = modelConfigSchema().fields.get("input")?.type;
  const type = input?.kind === "message" ? input.message.fields.get("data_type")?.type : undefined;
  assert.ok(type?.kind === "enum");
  for (const [name, number] of type?.kind === "enum" ? type.numbers : []) {
    assert.is(datatypeOf(name as DataTypeName), datatypeByNumber[number]);
  }
});

test("there and back is where it began", () => {
  for (const datatype of datatypeByNumber.slice(1) as Datatype[]) {
    assert.is(datatypeOf(dataTypeName(datatype)), datatype);
  }
  assert.is(dataTypeName("BYTES"), "TYPE_STRING");
});

test("every data type has one of TensorFlow's", () => {
  const { values } = loadDescriptor("saved-model").lookupEnum("tensorflow.DataType");
  const reached = new Set(Object.keys(values).map((name) => dataTypeOfTensorFlow(name)));
  for (const datatype of datatypeByNumber.slice(1) as Datatype[]) {
    assert.ok(reached.has(dataTypeName(datatype)), datatype);
  }
  assert.is(dataTypeOfTensorFlow("DT_COMPLEX64"), undefined);
});

test.run();
