import type { ModelConfig } from "../../config/model-config.js";
import type { InferenceResponse } from "../../inference/request.js";
import type { Tensor } from "../../inference/tensor.js";
import { classify } from "./classification.js";
import type { OutputForms } from "./decode-infer.js";
import { writeJsonTensor } from "./write-json-tensor.js";

/** Up to this size a response is one buffer; above it, copying the tensors costs more than further writes. */
const maxJoinedByteSize = 64 * 1024;

export interface EncodedInfer {
  /** Value of `Inference-Header-Content-Length`; undefined: the body is JSON alone. */
  readonly headerLength: number | undefined;
  /** The body: the JSON and the binary tensors behind it, joined if small. Large tensors are the engine's memory itself. */
  readonly chunks: readonly Uint8Array[];
  readonly byteLength: number;
}

/** What encoding needs to know of the model that answered. */
export interface AnsweringModel {
  readonly config: Pick<ModelConfig, "maxBatchSize">;
  labels(output: string): readonly string[] | undefined;
}

/**
 * The body of an infer response.
 *
 * @see KServe v2 "Inference Response JSON Object", "Binary Tensor Data Extension"
 * @throws {ServingError} INVALID_ARGUMENT if an output cannot be written in the form asked for
 */
export function encodeInfer(
  response: InferenceResponse,
  forms: OutputForms,
  model: AnsweringModel,
): EncodedInfer {
  const binary: Uint8Array[] = [];
  let binarySize = 0;
  let json = response.id === "" ? "{" : `{"id":${JSON.stringify(response.id)},`;
  json += `"model_name":${JSON.stringify(response.modelName)},"model_version":"${response.modelVersion}","outputs":[`;
  for (let i = 0; i < response.outputs.length; i++) {
    const form = forms.listed?.[i] ?? forms.unlisted;
    let output = response.outputs[i] as Tensor;
    if (form.classes > 0) output = classifyOutput(output, form.classes, model);
    json += `${i > 0 ? "," : ""}{"name":${JSON.stringify(output.name)},"datatype":"${output.datatype}","shape":[${output.shape.join(",")}],`;
    if (form.isBinary) {
      json += `"parameters":{"binary_data_size":${output.bytes.byteLength}}}`;
      binary.push(output.bytes);
      binarySize += output.bytes.byteLength;
    } else {
      json += `"data":${writeJsonTensor(output)}}`;
    }
  }
  json += "]}";
  return binarySize === 0 ? jsonOnly(json) : join(json, binary, binarySize);
}

function classifyOutput(output: Tensor, classes: number, model: AnsweringModel): Tensor {
  return classify(output, classes, model.config.maxBatchSize > 0, model.labels(output.name));
}

function jsonOnly(json: string): EncodedInfer {
  const body = Buffer.from(json);
  return { headerLength: undefined, chunks: [body], byteLength: body.length };
}

function join(json: string, binary: readonly Uint8Array[], binarySize: number): EncodedInfer {
  const headerLength = Buffer.byteLength(json);
  const byteLength = headerLength + binarySize;
  if (byteLength > maxJoinedByteSize) {
    return { headerLength, chunks: [Buffer.from(json), ...binary], byteLength };
  }
  const body = Buffer.allocUnsafe(byteLength);
  body.write(json, 0, "utf8");
  let offset = headerLength;
  for (const bytes of binary) {
    body.set(bytes, offset);
    offset += bytes.byteLength;
  }
  return { headerLength, chunks: [body], byteLength };
}
