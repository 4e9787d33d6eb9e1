import { test } from "uvu";
import * as assert from "uvu/assert";
import { emptyModelConfig, readModelConfig } from "../../src/config/read-model-config.js";
import { writeModelConfig } from "../../src/config/write-text-format.js";
import { richConfig, sequenceConfig } from "./example-config.js";

const rewritten = (text: string) => writeModelConfig(readModelConfig(text, "config.pbtxt"));

function keeps(text: string): void {
  const config = readModelConfig(text, "config.pbtxt");
  assert.equal(readModelConfig(writeModelConfig(config), "what was written"), config);
}

test("writes what is not at its default, in the order of the .proto file", () => {
  const text = `max_batch_size: 4 name: "m"
    input [ { dims: [ -1, 4 ] name: "x" data_type: TYPE_FP32 optional: true format: FORMAT_NONE } ]
    dynamic_batching { }
    parameters { key: "k" value { string_value: "v" } }`;
  const expected = `name: "m"
max_batch_size: 4
input {
  name: "x"
  data_type: TYPE_FP32
  dims: [ -1, 4 ]
  optional: true
}
dynamic_batching { }
parameters {
  key: "k"
  value {
    string_value: "v"
  }
}
`;
  assert.is(rewritten(text), expected);
  assert.is(rewritten(expected), expected);
});

test("nothing is nothing", () => {
  assert.is(writeModelConfig(emptyModelConfig()), "");
});

test("a configuration with most fields is read again as it was", () => {
  keeps(richConfig);
  keeps("dynamic_batching { priority_queue_policy { key: 1 value { } } }");
});

test("a sequence model is read again as it was", () => {
  keeps(sequenceConfig);
});

test("a member of a oneof that was given stays, also at its default", () => {
  assert.is(rewritten("version_policy { all { } }"), "version_policy {\n  all { }\n}\n");
  keeps('model_warmup { inputs { key: "a" value { zero_data: false } } }');
});

test("strings and floats come back exactly", () => {
  keeps(String.raw`name: "\"quotes\" \\ \n \t \001 \177 ünï 漢 'single'"`);
  for (const value of ["0.1", "-1e-30", "nan", "inf", "-inf", "-0.0"]) {
    keeps(`sequence_batching { control_input { control { fp32_false_true: [ 0, ${value} ] } } }`);
  }
});

test.run();
