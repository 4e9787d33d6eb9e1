import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodeInput, faultOf } from "./requests.js";

const sources =
  "Input must set only one of the following fields: 'data', 'binary_data_size' in 'parameters', 'shared_memory_region' in 'parameters'. But";

function fault(input: object | string): string {
  return faultOf(() => decodeInput(input));
}

test("reads every datatype from JSON", () => {
  for (const [datatype, data, bytes] of [
    ["BOOL", "[true,false]", [1, 0]],
    ["UINT8", "[1,255]", [1, 255]],
    ["UINT16", "[1,65535]", [1, 0, 255, 255]],
    ["UINT32", "[1,4294967295]", [1, 0, 0, 0, 255, 255, 255, 255]],
    ["INT8", "[1,-1]", [1, 255]],
    ["INT16", "[1,-2]", [1, 0, 254, 255]],
    ["INT32", "[1,-2]", [1, 0, 0, 0, 254, 255, 255, 255]],
    ["FP32", "[1,-0.5]", [0, 0, 128, 63, 0, 0, 0, 191]],
    ["FP64", "[0,-2]", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 192]],
    ["BYTES", '["","é"]', [0, 0, 0, 0, 2, 0, 0, 0, 0xc3, 0xa9]],
  ] as const) {
    const tensor = decodeInput(`{"name":"X","datatype":"${datatype}","shape":[2],"data":${data}}`);
    assert.is(tensor.datatype, datatype);
    assert.equal([...tensor.bytes], [...bytes], datatype);
  }
});

test("keeps all digits of 64-bit integers", () => {
  const signed =
    '{"name":"X","datatype":"INT64","shape":[3],"data":[9007199254740993,-9223372036854775808,-1]}';
  assert.equal([...(decodeInput(signed).data as BigInt64Array)], [9007199254740993n, -(2n ** 63n), -1n]);
  const unsigned = '{"name":"X","datatype":"UINT64","shape":[2],"data":[18446744073709551615,1]}';
  assert.equal([...(decodeInput(unsigned).data as BigUint64Array)], [2n ** 64n - 1n, 1n]);
});

test("cuts integers to the width of the datatype", () => {
  const wide = '{"name":"X","datatype":"UINT8","shape":[2],"data":[257,18446744073709551615]}';
  assert.equal([...decodeInput(wide).bytes], [1, 255]);
  const narrow = { name: "X", datatype: "INT32", shape: [1], data: [2 ** 32 + 5] };
  assert.equal([...(decodeInput(narrow).data as Int32Array)], [5]);
});

test("takes NaN and the infinities for floats", () => {
  const tensor = decodeInput('{"name":"X","datatype":"FP32","shape":[3],"data":[NaN,-Infinity,Inf]}');
  assert.equal([...(tensor.data as Float32Array)], [NaN, -Infinity, Infinity]);
});

test("takes integers of any size for floats", () => {
  const tensor = decodeInput('{"name":"X","datatype":"FP64","shape":[2],"data":[12345678901234567890,NaN]}');
  assert.equal([...(tensor.data as Float64Array)], [1.2345678901234567e19, NaN]);
});

test("data may be nested or flat, as long as the elements are as many as the shape says", () => {
  const flat = decodeInput({ name: "X", datatype: "INT8", shape: [2, 2], data: [1, 2, 3, 4] });
  const nested = decodeInput({
    name: "X",
    datatype: "INT8",
    shape: [2, 2],
    data: [
      [1, 2],
      [3, 4],
    ],
  });
  const uneven = decodeInput({ name: "X", datatype: "INT8", shape: [2, 2], data: [1, [2, [3]], 4] });
  assert.equal(nested.bytes, flat.bytes);
  assert.equal(uneven.bytes, flat.bytes);
});

test("a shape with a zero has no elements", () => {
  assert.is(decodeInput({ name: "X", datatype: "FP32", shape: [0, 3], data: [] }).bytes.length, 0);
});

test("refuses more or fewer elements than the shape says", () => {
  const input = { name: "X", datatype: "INT8", shape: [2] };
  assert.is(
    fault({ ...input, data: [1, 2, 3] }),
    "INTERNAL: Unable to parse 'data': Shape does not match true shape of 'data' field",
  );
  assert.is(
    fault({ ...input, data: [1] }),
    "INTERNAL: Failed to parse 'data' field: shape does not match true shape",
  );
  assert.is(
    fault({ ...input, datatype: "BYTES", data: ["a", "b", "c"] }),
    "INTERNAL: Unable to parse 'data': shape does not match true shape of 'data' field",
  );
});

for (const [datatype, data, phrase] of [
  ["BOOL", "[1]", "non-boolean as boolean"],
  ["INT32", '["1"]', "non-signed-integer as signed-integer"],
  ["INT32", "[1.5]", "non-signed-integer as signed-integer"],
  ["INT32", "[1.0]", "non-signed-integer as signed-integer"],
  ["INT64", "[9223372036854775808]", "non-signed-integer as signed-integer"],
  ["UINT8", "[-1]", "non-unsigned-integer as unsigned-integer"],
  ["UINT64", "[18446744073709551616]", "non-unsigned-integer as unsigned-integer"],
  ["UINT32", "[null]", "non-unsigned-integer as unsigned-integer"],
  ["FP32", "[true]", "non-number as double"],
  ["FP64", '["1"]', "non-number as double"],
  ["BYTES", "[1]", "non-string as string"],
] as const) {
  test(`refuses ${data} as ${datatype}`, () => {
    assert.is(
      fault(`{"name":"X","datatype":"${datatype}","shape":[1],"data":${data}}`),
      `INTERNAL: Unable to parse 'data': attempt to access JSON ${phrase}`,
    );
  });
}

test("half precision comes as binary data only", () => {
  for (const datatype of ["FP16", "BF16"]) {
    assert.is(
      fault({ name: "X", datatype, shape: [1], data: [1] }),
      `INVALID_ARGUMENT: receiving ${datatype} data via JSON is not supported. Please use the binary data format for input X`,
    );
  }
});

test("data may be nested 100 deep and no deeper", () => {
  const nested = (depth: number) => `${"[".repeat(depth)}1${"]".repeat(depth)}`;
  const input = (depth: number) => `{"name":"X","datatype":"FP32","shape":[1],"data":${nested(depth)}}`;
  assert.equal([...(decodeInput(input(100)).data as Float32Array)], [1]);
  assert.is(fault(input(101)), "INVALID_ARGUMENT: JSON nesting depth exceeds maximum allowed limit (100)");
});

test("the data come from one place", () => {
  const input = { name: "X", datatype: "INT8", shape: [1] };
  const data = [1];
  assert.is(fault(input), `INVALID_ARGUMENT: ${sources} no field is set`);
  assert.is(
    fault({ ...input, data, parameters: { binary_data_size: 1 } }),
    `INVALID_ARGUMENT: ${sources} set 'data' 'binary_data_size'`,
  );
  assert.is(
    fault({ ...input, data, parameters: { binary_data_size: 1, shared_memory_region: "r" } }),
    `INVALID_ARGUMENT: ${sources} set 'data' 'binary_data_size' 'shared_memory_region'`,
  );
});

test("refuses shapes that are no lists of sizes", () => {
  for (const shape of [[-1], [1.5], ["1"], [null]]) {
    assert.is(
      fault({ name: "X", datatype: "INT8", shape, data: [1] }),
      "INTERNAL: Unable to parse 'shape': attempt to access JSON non-unsigned-integer as unsigned-integer",
    );
  }
});

test("refuses shapes that no memory could hold", () => {
  const input = (shape: string, datatype = "INT8") =>
    `{"name":"X","datatype":"${datatype}","shape":${shape},"data":[1]}`;
  assert.is(
    fault(input("[9223372036854775807,9]")),
    "INVALID_ARGUMENT: invalid shape for input 'X': shape [9223372036854775807,9] causes total element count to exceed maximum size of 9223372036854775807",
  );
  assert.match(fault(input("[18446744073709551615]")), /contains one or more invalid dimensions/);
  assert.is(
    fault(input("[4611686018427387904]", "FP32")),
    "INVALID_ARGUMENT: byte size overflow for input 'X': element count (4611686018427387904) * data type size (4) exceeds maximum allowed size (9223372036854775807)",
  );
});

test("refuses JSON tensors larger than the limit before reading them", () => {
  assert.is(
    fault({ name: "X", datatype: "FP64", shape: [129], data: [1] }),
    "INVALID_ARGUMENT: JSON input 'X' has a byte_size (1032 bytes) that exceeds the maximum allowed value of 1024 bytes. Use --http-max-input-size to increase the limit.",
  );
});

test("names a datatype that nobody knows", () => {
  assert.match(
    fault({ name: "X", datatype: "FLOAT", shape: [1], data: [1] }),
    /^INVALID_ARGUMENT: input 'X' has unknown datatype 'FLOAT'/,
  );
});

test.run();
