import type { Datatype } from "../../src/inference/datatype.js";
import type { Shape } from "../../src/inference/shape.js";
import { Tensor } from "../../src/inference/tensor.js";

interface ResponseTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: Shape;
  readonly parameters?: { readonly binary_data_size: number };
}

/** Runs a model of a server with binary tensors both ways. Rejects with the server's error. */
export async function inferRemotely(
  url: string,
  model: string,
  inputs: readonly Tensor[],
): Promise<Tensor[]> {
  const header = Buffer.from(
    JSON.stringify({
      inputs: inputs.map(({ name, datatype, shape, bytes }) => ({
        name,
        datatype,
        shape,
        parameters: { binary_data_size: bytes.length },
      })),
      parameters: { binary_data_output: true },
    }),
  );
  const response = await fetch(`${url}/v2/models/${model}/infer`, {
    method: "POST",
    headers: { "Inference-Header-Content-Length": String(header.length) },
    body: Buffer.concat([header, ...inputs.map(({ bytes }) => bytes)]),
  });
  const body = Buffer.from(await response.arrayBuffer());
  if (!response.ok) throw new Error(`${model}: ${response.status} ${body}`);
  // Without elements there is nothing binary, and then all is JSON.
  const length = Number(response.headers.get("Inference-Header-Content-Length") ?? body.length);
  const { outputs } = JSON.parse(body.toString("utf8", 0, length)) as { outputs: ResponseTensor[] };
  let offset = length;
  return outputs.map(({ name, datatype, shape, parameters }) => {
    const bytes = new Uint8Array(body.subarray(offset, offset + (parameters?.binary_data_size ?? 0)));
    offset += bytes.length;
    return new Tensor(name, datatype, shape, bytes);
  });
}

/** `GET /v2/models/M/config`. */
export async function remoteConfig(url: string, model: string): Promise<RemoteConfig> {
  const response = await fetch(`${url}/v2/models/${model}/config`);
  if (!response.ok) throw new Error(`${model}: ${response.status} ${await response.text()}`);
  return (await response.json()) as RemoteConfig;
}

/** The part of a configuration that completing it touches. */
export interface RemoteConfig {
  readonly max_batch_size: number;
  readonly input: readonly RemoteTensor[];
  readonly output: readonly RemoteTensor[];
  readonly dynamic_batching?: { readonly preferred_batch_size: readonly number[] };
}

export interface RemoteTensor {
  readonly name: string;
  readonly data_type: string;
  readonly dims: readonly number[];
  readonly reshape?: { readonly shape: readonly number[] };
}

/** Why each model that is not READY is not, by name. */
export async function remoteFailures(url: string): Promise<Record<string, string>> {
  const response = await fetch(`${url}/v2/repository/index`, { method: "POST" });
  const rows = (await response.json()) as { name: string; state?: string; reason?: string }[];
  return Object.fromEntries(
    rows.filter(({ state }) => state !== "READY").map(({ name, reason }) => [name, reason ?? ""]),
  );
}
