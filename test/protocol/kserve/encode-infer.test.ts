import { test } from "uvu";
import * as assert from "uvu/assert";
import type { InferenceResponse } from "../../../src/inference/request.js";
import { Tensor } from "../../../src/inference/tensor.js";
import { type EncodedInfer, encodeInfer } from "../../../src/protocol/kserve/encode-infer.js";
import { binaryForm, jsonForm } from "../../../src/protocol/kserve/infer-output.js";

const model = { config: { maxBatchSize: 0 }, labels: () => ["no", "yes"] };
const ints = new Tensor("A", "INT32", [1, 2], new Uint8Array(new Int32Array([1, -1]).buffer));
const bytes = new Tensor("B", "UINT8", [3], Buffer.from("xyz"));

function response(outputs: readonly Tensor[], id = ""): InferenceResponse {
  return { modelName: "m", modelVersion: 2, id, outputs };
}

function text({ chunks }: EncodedInfer): string {
  return Buffer.concat(chunks).toString("latin1");
}

const allJson = { listed: undefined, unlisted: jsonForm };
const allBinary = { listed: undefined, unlisted: binaryForm };

test("writes outputs as JSON, flat, in the order of keys that clients know", () => {
  const encoded = encodeInfer(response([ints, bytes], 'i"d'), allJson, model);
  assert.is(
    text(encoded),
    '{"id":"i\\"d","model_name":"m","model_version":"2","outputs":[' +
      '{"name":"A","datatype":"INT32","shape":[1,2],"data":[1,-1]},' +
      '{"name":"B","datatype":"UINT8","shape":[3],"data":[120,121,122]}]}',
  );
  assert.is(encoded.headerLength, undefined);
});

test("writes binary outputs behind the JSON, in order, and leaves out an empty id", () => {
  const encoded = encodeInfer(response([bytes, ints]), allBinary, model);
  const json =
    '{"model_name":"m","model_version":"2","outputs":[' +
    '{"name":"B","datatype":"UINT8","shape":[3],"parameters":{"binary_data_size":3}},' +
    '{"name":"A","datatype":"INT32","shape":[1,2],"parameters":{"binary_data_size":8}}]}';
  assert.is(text(encoded), `${json}xyz\x01\0\0\0\xff\xff\xff\xff`);
  assert.is(encoded.headerLength, json.length);
  assert.is(encoded.byteLength, json.length + 11);
  assert.is(encoded.chunks.length, 1);
});

test("mixes both forms, as the request listed them", () => {
  const encoded = encodeInfer(
    response([ints, bytes]),
    { listed: [jsonForm, binaryForm], unlisted: jsonForm },
    model,
  );
  const json =
    '{"model_name":"m","model_version":"2","outputs":[' +
    '{"name":"A","datatype":"INT32","shape":[1,2],"data":[1,-1]},' +
    '{"name":"B","datatype":"UINT8","shape":[3],"parameters":{"binary_data_size":3}}]}';
  assert.is(text(encoded), `${json}xyz`);
  assert.is(encoded.headerLength, json.length);
});

test("counts the bytes of the JSON, not its characters", () => {
  const encoded = encodeInfer(response([bytes], "é"), allBinary, model);
  const body = Buffer.concat(encoded.chunks);
  assert.is(body.subarray(encoded.headerLength).toString(), "xyz");
});

test("without a byte of binary data the response is JSON", () => {
  const empty = new Tensor("A", "FP32", [0], new Uint8Array(0));
  const encoded = encodeInfer(response([empty]), allBinary, model);
  assert.is(encoded.headerLength, undefined);
  assert.match(text(encoded), '"shape":[0],"parameters":{"binary_data_size":0}}]}');
});

test("hands large tensors on without copying them", () => {
  const large = new Tensor("A", "UINT8", [1_000_000], new Uint8Array(1_000_000));
  const encoded = encodeInfer(response([large, bytes]), allBinary, model);
  assert.is(encoded.chunks.length, 3);
  assert.is(encoded.chunks[1], large.bytes);
  assert.is(encoded.byteLength, (encoded.headerLength ?? 0) + 1_000_003);
});

test("names classes in either form", () => {
  const scores = new Tensor("S", "FP32", [2], new Uint8Array(new Float32Array([0.25, 0.75]).buffer));
  const json = encodeInfer(
    response([scores]),
    { listed: [{ isBinary: false, classes: 1 }], unlisted: jsonForm },
    model,
  );
  assert.match(text(json), '{"name":"S","datatype":"BYTES","shape":[1],"data":["0.750000:1:yes"]}');
  const binary = encodeInfer(
    response([scores]),
    { listed: [{ isBinary: true, classes: 1 }], unlisted: jsonForm },
    model,
  );
  assert.match(text(binary), '"shape":[1],"parameters":{"binary_data_size":18}}]}\x0e\0\0\x000.750000:1:yes');
});

test.run();
