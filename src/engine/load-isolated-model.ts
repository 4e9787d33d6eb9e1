import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { packageRoot } from "./addon-build.js";
import type { EngineLoadRequest } from "./engine-load-request.js";
import type { EngineModel } from "./engine-model.js";
import { loadHostedModel } from "./load-hosted-model.js";

/** What the host of {@link loadIsolatedModel} is told: everything but the functions. */
export type IsolatedRequest = Omit<EngineLoadRequest, "logger" | "warn" | "channels">;

/**
 * Loads a model of the TensorFlow or PyTorch backend into a process of its own, which loads it as this one would.
 *
 * @throws {ServingError} as the backend's own loader; UNAVAILABLE if the process ends
 */
export function loadIsolatedModel(request: EngineLoadRequest): Promise<EngineModel> {
  return loadHostedModel(request, {
    command: process.execPath,
    args: [join(packageRoot, "lib", "host", "main.js")],
    env: process.env,
    request: encodeRequest(request),
  });
}

/** Configurations have maps and absent members: more than JSON knows. */
function encodeRequest({ logger, warn, channels, ...request }: EngineLoadRequest): string {
  return serialize(request satisfies IsolatedRequest).toString("base64");
}

/** The other way, in the host. */
export function decodeIsolatedRequest(encoded: string): IsolatedRequest {
  return deserialize(Buffer.from(encoded, "base64"));
}
