import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodeInfer } from "../../../src/protocol/kserve/decode-infer.js";
import type { RawInferModel } from "../../../src/protocol/kserve/raw-infer.js";
import { faultOf, maxInputSize, modelWith } from "./requests.js";

function decodeRaw(body: Buffer, model: RawInferModel) {
  return decodeInfer(body, 0, model, maxInputSize);
}

test("the body is the input, and the outputs come back as binary data", () => {
  const { request, forms } = decodeRaw(Buffer.alloc(48), modelWith(8, ["X", "TYPE_FP32", [-1, 3]]));
  const [tensor] = request.inputs;
  assert.equal(tensor?.shape, [1, 4, 3]);
  assert.is(tensor?.datatype, "FP32");
  assert.is(tensor?.bytes.length, 48);
  assert.is(forms.unlisted.isBinary, true);
});

test("without batching there is no batch dimension", () => {
  const { request } = decodeRaw(Buffer.alloc(6), modelWith(0, ["X", "TYPE_INT16", [3]]));
  assert.equal(request.inputs[0]?.shape, [3]);
});

test("a string is the whole body", () => {
  const { request } = decodeRaw(Buffer.from("hello"), modelWith(4, ["X", "TYPE_STRING", [1]]));
  assert.equal(request.inputs[0]?.shape, [1, 1]);
  assert.equal(request.inputs[0]?.toStrings(), ["hello"]);
});

test("refuses models whose input cannot be told from the body", () => {
  const x = ["X", "TYPE_FP32", [1]] as const;
  assert.is(
    faultOf(() => decodeRaw(Buffer.alloc(4), modelWith(0, x, x, x))),
    "INVALID_ARGUMENT: Raw request must only have 1 input (found 1) to be deduced but got 3 inputs in 'm' model configuration",
  );
  assert.is(
    faultOf(() => decodeRaw(Buffer.alloc(4), modelWith(0, ["X", "TYPE_FP32", [-1, -1]]))),
    "INVALID_ARGUMENT: The shape of the raw input 'X' can not be deduced because there are more than one variable-sized dimension",
  );
  assert.is(
    faultOf(() => decodeRaw(Buffer.alloc(4), modelWith(0, ["X", "TYPE_STRING", [2]]))),
    "INVALID_ARGUMENT: For BYTE datatype raw input 'X', the model must have input shape [1]",
  );
});

test("refuses bodies larger than the limit", () => {
  assert.is(
    faultOf(() => decodeRaw(Buffer.alloc(1025), modelWith(0, ["X", "TYPE_UINT8", [-1]]))),
    "INVALID_ARGUMENT: Raw input has a byte_size (1025 bytes) that exceeds the maximum allowed value of 1024 bytes. Use --http-max-input-size to increase the limit.",
  );
});

test.run();
