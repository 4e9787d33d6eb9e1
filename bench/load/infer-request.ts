import type { Shape } from "../../src/inference/shape.js";

/** A request for one FP32 input with binary tensors both ways, as the bytes that go over the socket. */
export function inferRequest(model: string, input: string, shape: Shape, values: Float32Array): Buffer {
  const tensor = {
    name: input,
    datatype: "FP32",
    shape,
    parameters: { binary_data_size: values.byteLength },
  };
  const header = Buffer.from(JSON.stringify({ inputs: [tensor], parameters: { binary_data_output: true } }));
  const head = [
    `POST /v2/models/${model}/infer HTTP/1.1`,
    "Host: localhost",
    "Content-Type: application/octet-stream",
    `Inference-Header-Content-Length: ${header.length}`,
    `Content-Length: ${header.length + values.byteLength}`,
  ];
  const body = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), header, body]);
}
