import { dirname, join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { executionEnvPath } from "../config/python-parameters.js";
import { engineBackend } from "../config/python-platform.js";
import { packageRoot } from "./addon-build.js";
import type { EngineLoadRequest } from "./engine-load-request.js";
import type { EngineModel } from "./engine-model.js";
import { executionEnvironment } from "./execution-environment.js";
import { loadHostedModel } from "./load-hosted-model.js";

/** What the host of {@link loadIsolatedModel} is told: everything but the functions. */
export type IsolatedRequest = Omit<EngineLoadRequest, "logger" | "warn" | "channels">;

/**
 * Loads a model of the TensorFlow or PyTorch backend into a process of its own, which loads it as this one would.
 *
 * @throws {ServingError} as the backend's own loader; UNAVAILABLE if the process ends; INVALID_ARGUMENT if the
 *   `EXECUTION_ENV_PATH` of a Python model names no environment
 */
export async function loadIsolatedModel(request: EngineLoadRequest): Promise<EngineModel> {
  return loadHostedModel(request, {
    command: process.execPath,
    args: [join(packageRoot, "lib", "host", "main.js")],
    env: await hostEnvironment(request),
    request: encodeRequest(request),
  });
}

/** A Python model's TensorFlow is that of the environment which it names, if it names one. */
async function hostEnvironment({ config, directory }: EngineLoadRequest): Promise<NodeJS.ProcessEnv> {
  const { env } = process;
  const path = engineBackend(config) === "python" ? executionEnvPath(config, directory) : undefined;
  if (path === undefined) return env;
  const interpreter = await executionEnvironment(path, env);
  return { ...env, TANDEM_TENSORFLOW: dirname(dirname(interpreter)) };
}

/** Configurations have maps and absent members: more than JSON knows. */
function encodeRequest({ logger, warn, channels, ...request }: EngineLoadRequest): string {
  return serialize(request satisfies IsolatedRequest).toString("base64");
}

/** The other way, in the host. */
export function decodeIsolatedRequest(encoded: string): IsolatedRequest {
  return deserialize(Buffer.from(encoded, "base64"));
}
