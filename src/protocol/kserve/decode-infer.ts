import type { InferenceRequest } from "../../inference/request.js";
import { invalidArgument } from "../../inference/serving-error.js";
import type { Tensor } from "../../inference/tensor.js";
import { parseJsonBytes } from "./exact-json.js";
import { BinaryInputs, hasIntegerData, readInput } from "./infer-input.js";
import { binaryForm, jsonForm, type OutputForm, readRequestedOutputs } from "./infer-output.js";
import { jsonTooLarge, rawInputTooLarge } from "./input-size-limit.js";
import { asArray, asObject, asString, isJsonObject, needsExactNumbers } from "./json-access.js";
import { type RawInferModel, readRawInput } from "./raw-infer.js";
import { readRequestParameters } from "./request-parameters.js";

/** How the outputs of a response are to be written. */
export interface OutputForms {
  /** In the order of the request's `outputs`; undefined: it listed none. */
  readonly listed: readonly OutputForm[] | undefined;
  /** For outputs that the request did not list. */
  readonly unlisted: OutputForm;
}

export interface DecodedInfer {
  readonly request: InferenceRequest;
  readonly forms: OutputForms;
}

/**
 * An infer request from its (decompressed) body. Binary tensors become views of the body, which must stay unchanged.
 *
 * @param headerLength value of `Inference-Header-Content-Length`; undefined: the body is JSON; 0: a raw binary request
 * @param maxInputSize limit of the JSON and of each JSON tensor, in bytes
 * @param signal passed on in the request
 * @see KServe v2 "Inference Request JSON Object", "Binary Tensor Data Extension"
 * @throws {ServingError} INTERNAL for JSON faults, INVALID_ARGUMENT for the rest
 */
export function decodeInfer(
  body: Buffer,
  headerLength: number | undefined,
  model: RawInferModel,
  maxInputSize: number,
  signal?: AbortSignal,
): DecodedInfer {
  if (headerLength === 0) return decodeRaw(body, model, maxInputSize, signal);
  const jsonLength = headerLength ?? body.length;
  if (jsonLength < 0 || jsonLength > body.length) {
    throw invalidArgument(`inference header size should be in range (0, ${body.length}), got: ${jsonLength}`);
  }
  if (jsonLength > maxInputSize) throw jsonTooLarge(jsonLength, maxInputSize);
  const json = jsonLength === body.length ? body : body.subarray(0, jsonLength);
  const binary = () => new BinaryInputs(body, jsonLength, model.name);
  try {
    return decodeJson(parseHeader(json), binary(), maxInputSize, signal);
  } catch (error) {
    if (error !== needsExactNumbers) throw error;
    return decodeJson(parseHeaderExactly(json), binary(), maxInputSize, signal);
  }
}

interface ParsedHeader {
  readonly value: unknown;
  /** Whether integers are bigints, and numbers have a fraction or an exponent. */
  readonly isExact: boolean;
}

function parseHeader(json: Buffer): ParsedHeader {
  const value = parseJsonBytes(json, "request JSON buffer");
  if (isJsonObject(value) && Array.isArray(value.inputs) && hasIntegerData(value.inputs)) {
    // JSON.parse reads 1.0 as the integer 1; where that would hide a fault, the text is read exactly.
    if (/[0-9][.eE]/.test(json.toString("latin1"))) throw needsExactNumbers;
  }
  return { value, isExact: false };
}

function parseHeaderExactly(json: Buffer): ParsedHeader {
  return { value: parseJsonBytes(json, "request JSON buffer", true), isExact: true };
}

function decodeJson(
  { value, isExact }: ParsedHeader,
  binary: BinaryInputs,
  maxInputSize: number,
  signal: AbortSignal | undefined,
): DecodedInfer {
  const header = asObject(value, "inputs");
  const id = header.id === undefined ? "" : asString(header.id, "id");
  const parameters = readRequestParameters(header.parameters);
  const inputs: Tensor[] = [];
  for (const input of asArray(header.inputs, "inputs")) {
    inputs.push(readInput(input, isExact, binary, maxInputSize));
  }
  binary.finish();
  const outputs = readRequestedOutputs(header.outputs);
  return {
    request: {
      id,
      inputs,
      outputs: outputs?.names,
      priority: parameters.priority,
      timeoutMicros: parameters.timeoutMicros,
      parameters: parameters.custom,
      signal,
    },
    forms: { listed: outputs?.forms, unlisted: parameters.binaryDataOutput ? binaryForm : jsonForm },
  };
}

function decodeRaw(
  body: Buffer,
  model: RawInferModel,
  maxInputSize: number,
  signal: AbortSignal | undefined,
): DecodedInfer {
  if (body.length > maxInputSize) throw rawInputTooLarge(body.length, maxInputSize);
  return {
    request: { id: "", inputs: [readRawInput(body, model)], signal },
    forms: { listed: undefined, unlisted: binaryForm },
  };
}

/**
 * The value of the request header `Inference-Header-Content-Length`, a decimal integer.
 *
 * @throws {ServingError} INVALID_ARGUMENT
 */
export function parseInferenceHeaderLength(text: string): number {
  if (!/^[+-]?[0-9]+$/.test(text)) {
    throw invalidArgument(`Unable to parse Inference-Header-Content-Length, got: ${text}`);
  }
  const value = Number(text);
  if (value > 2147483647 || value < -2147483648) {
    throw invalidArgument(
      `Unable to parse Inference-Header-Content-Length, value is out of range [ -2147483648, 2147483647 ], got: ${text}`,
    );
  }
  return value;
}
