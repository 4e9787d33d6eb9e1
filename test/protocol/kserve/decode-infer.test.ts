import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodeInfer, parseInferenceHeaderLength } from "../../../src/protocol/kserve/decode-infer.js";
import { decode, decodeBinary, faultOf, maxInputSize, modelWith } from "./requests.js";

const x = { name: "X", datatype: "FP32", shape: [1], data: [1] };
const binaryX = { name: "X", datatype: "INT32", shape: [2], parameters: { binary_data_size: 8 } };

test("reads id, inputs and what outputs are wanted, in the order given", () => {
  const { request, forms } = decode({
    id: "abc",
    inputs: [x, { ...x, name: "Y" }],
    outputs: [{ name: "B", parameters: { binary_data: true } }, { name: "A" }],
  });
  assert.is(request.id, "abc");
  assert.equal(
    request.inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    [
      { name: "X", datatype: "FP32", shape: [1] },
      { name: "Y", datatype: "FP32", shape: [1] },
    ],
  );
  assert.equal(request.outputs, ["B", "A"]);
  assert.equal(forms.listed, [
    { isBinary: true, classes: 0 },
    { isBinary: false, classes: 0 },
  ]);
});

test("has no id, no priority and all outputs as JSON where the request says nothing", () => {
  const { request, forms } = decode({ inputs: [x] });
  assert.is(request.id, "");
  assert.is(request.outputs, undefined);
  assert.is(request.priority, 0);
  assert.is(request.timeoutMicros, 0);
  assert.is(request.parameters, undefined);
  assert.equal(forms, { listed: undefined, unlisted: { isBinary: false, classes: 0 } });
});

test("an empty list of outputs asks for all", () => {
  const { request, forms } = decode({ inputs: [x], outputs: [] });
  assert.is(request.outputs, undefined);
  assert.is(forms.listed, undefined);
});

test("binary_data_output is for outputs that are not listed, and only for those", () => {
  const parameters = { binary_data_output: true };
  assert.is(decode({ inputs: [x], parameters }).forms.unlisted.isBinary, true);
  const { forms } = decode({ inputs: [x], parameters, outputs: [{ name: "A" }] });
  assert.is(forms.listed?.[0]?.isBinary, false);
});

test("reads how many classes an output is to name", () => {
  const outputs = [{ name: "A", parameters: { classification: 3 } }];
  assert.equal(decode({ inputs: [x], outputs }).forms.listed, [{ isBinary: false, classes: 3 }]);
});

test("binary tensors are views of the body, in the order of the inputs, between JSON ones", () => {
  const first = Buffer.from("abcdefgh");
  const second = Buffer.from("ijkl");
  const header = Buffer.from(
    JSON.stringify({
      inputs: [binaryX, x, { name: "Y", datatype: "UINT8", shape: [4], parameters: { binary_data_size: 4 } }],
    }),
  );
  const body = Buffer.concat([header, first, second]);
  const { inputs } = decodeInfer(body, header.length, modelWith(0), maxInputSize).request;
  assert.is(inputs[0]?.bytes.buffer, body.buffer);
  assert.is(Buffer.from(inputs[0]!.bytes).toString(), "abcdefgh");
  assert.is(Buffer.from(inputs[2]!.bytes).toString(), "ijkl");
});

test("binary tensors may be larger than the limit for JSON", () => {
  const size = 4 * maxInputSize;
  const input = { name: "X", datatype: "UINT8", shape: [size], parameters: { binary_data_size: size } };
  assert.is(decodeBinary({ inputs: [input] }, Buffer.alloc(size)).request.inputs[0]?.bytes.length, size);
});

test("refuses binary tensors that the body is too short for, saying how much is missing", () => {
  assert.is(
    faultOf(() => decodeBinary({ inputs: [binaryX] }, Buffer.alloc(5))),
    "INVALID_ARGUMENT: unexpected size for input 'X', expecting 3 additional bytes for model 'm'",
  );
  assert.is(
    faultOf(() => decode({ inputs: [binaryX] })),
    "INVALID_ARGUMENT: unexpected size for input 'X', expecting 8 additional bytes for model 'm'",
  );
});

test("refuses bytes that no input takes", () => {
  assert.is(
    faultOf(() => decodeBinary({ inputs: [binaryX] }, Buffer.alloc(9))),
    "INVALID_ARGUMENT: unexpected additional input data for model 'm'",
  );
});

test("refuses a header length that the body does not have", () => {
  const body = Buffer.from("{}");
  for (const length of [3, -1]) {
    assert.is(
      faultOf(() => decodeInfer(body, length, modelWith(0), maxInputSize)),
      `INVALID_ARGUMENT: inference header size should be in range (0, 2), got: ${length}`,
    );
  }
});

test("reads the header length as a 32-bit integer", () => {
  assert.is(parseInferenceHeaderLength("182"), 182);
  assert.is(
    faultOf(() => parseInferenceHeaderLength("12x")),
    "INVALID_ARGUMENT: Unable to parse Inference-Header-Content-Length, got: 12x",
  );
  assert.is(
    faultOf(() => parseInferenceHeaderLength("2147483648")),
    "INVALID_ARGUMENT: Unable to parse Inference-Header-Content-Length, value is out of range [ -2147483648, 2147483647 ], got: 2147483648",
  );
});

test("refuses JSON larger than the limit", () => {
  assert.is(
    faultOf(() => decode({ id: "x".repeat(1024), inputs: [x] })),
    "INVALID_ARGUMENT: request JSON size of 1098 bytes exceeds the maximum allowed input size of 1024 bytes. Use --http-max-input-size to increase the limit.",
  );
});

for (const [json, fault] of [
  ["", "failed to parse the request JSON buffer: The document is empty. at 0"],
  ['{"inputs":[}', "failed to parse the request JSON buffer: Invalid value. at 11"],
  ["{}", "Unable to parse 'inputs': attempt to access non-existing object member 'inputs'"],
  ["[]", "Unable to parse 'inputs': attempt to access JSON non-object as object"],
  ['{"inputs":1}', "Unable to parse 'inputs': attempt to access JSON non-array as array"],
  ['{"inputs":[1]}', "Unable to parse 'inputs': attempt to access JSON non-object as object"],
  ['{"id":1,"inputs":[]}', "Unable to parse 'id': attempt to access JSON non-string as string"],
  [
    '{"inputs":[],"parameters":[]}',
    "Unable to parse 'parameters': attempt to access JSON non-object as object",
  ],
  ['{"inputs":[],"outputs":{}}', "Unable to parse 'outputs': attempt to access JSON non-array as array"],
  [
    '{"inputs":[],"outputs":[{}]}',
    "Unable to parse 'name': attempt to access non-existing object member 'name'",
  ],
  [
    '{"inputs":[],"outputs":[{"name":"A","parameters":{"binary_data":1}}]}',
    "Unable to parse 'binary_data': attempt to access JSON non-boolean as boolean",
  ],
  [
    '{"inputs":[],"outputs":[{"name":"A","parameters":{"classification":-1}}]}',
    "Unable to parse 'classification': attempt to access JSON non-unsigned-integer as unsigned-integer",
  ],
] as const) {
  test(`calls ${json} an internal error`, () =>
    assert.is(
      faultOf(() => decode(json)),
      `INTERNAL: ${fault}`,
    ));
}

test("shared memory is refused by name, also for outputs", () => {
  const disabled =
    "UNIMPLEMENTED: Client shared memory is disabled. Start the server with '--allow-client-shm=true' to enable.";
  const parameters = { shared_memory_region: "r", shared_memory_byte_size: 4 };
  assert.is(
    faultOf(() => decode({ inputs: [{ name: "X", datatype: "FP32", shape: [1], parameters }] })),
    disabled,
  );
  assert.is(
    faultOf(() => decode({ inputs: [x], outputs: [{ name: "A", parameters }] })),
    disabled,
  );
});

test("an output in shared memory has no other form", () => {
  for (const other of ["classification", "binary_data"]) {
    const outputs = [{ name: "A", parameters: { shared_memory_region: "r", [other]: 1 } }];
    assert.is(
      faultOf(() => decode({ inputs: [x], outputs })),
      `INVALID_ARGUMENT: Output can't set both 'shared_memory_region' and '${other}'`,
    );
  }
});

test.run();
