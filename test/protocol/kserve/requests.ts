import type { DataTypeName } from "../../../src/config/model-config.js";
import { emptyModelConfig } from "../../../src/config/read-model-config.js";
import { Code, ServingError } from "../../../src/inference/serving-error.js";
import { type DecodedInfer, decodeInfer } from "../../../src/protocol/kserve/decode-infer.js";
import type { RawInferModel } from "../../../src/protocol/kserve/raw-infer.js";

export const maxInputSize = 1024;

/** A model named `m` with inputs of these types and dims. */
export function modelWith(
  maxBatchSize: number,
  ...inputs: readonly (readonly [name: string, dataType: DataTypeName, dims: readonly number[]])[]
): RawInferModel {
  const input = inputs.map(([name, dataType, dims]) => ({
    name,
    dataType,
    dims,
    format: "FORMAT_NONE" as const,
    reshape: undefined,
    isShapeTensor: false,
    allowRaggedBatch: false,
    optional: false,
    isNonLinearFormatIo: false,
  }));
  return { name: "m", config: { ...emptyModelConfig(), maxBatchSize, input } };
}

const anyModel = modelWith(0);

/** Decodes a request given as JSON text or as the object it says. */
export function decode(json: string | object): DecodedInfer {
  const text = typeof json === "string" ? json : JSON.stringify(json);
  return decodeInfer(Buffer.from(text), undefined, anyModel, maxInputSize);
}

/** Decodes a request with binary tensors behind its JSON. */
export function decodeBinary(json: object, ...tensors: readonly Uint8Array[]): DecodedInfer {
  const header = Buffer.from(JSON.stringify(json));
  return decodeInfer(Buffer.concat([header, ...tensors]), header.length, anyModel, maxInputSize);
}

/** Decodes a request with this one input. */
export function decodeInput(input: object | string) {
  const text = typeof input === "string" ? input : JSON.stringify(input);
  return decode(`{"inputs":[${text}]}`).request.inputs[0]!;
}

/** `CODE: message` of what `action` throws. */
export function faultOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ServingError) return `${Code[error.code]}: ${error.message}`;
    throw error;
  }
  throw new Error("nothing was thrown");
}
