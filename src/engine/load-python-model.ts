import { delimiter, dirname, join } from "node:path";
import { checkPythonConfig } from "../config/check-python-config.js";
import { pythonParameters } from "../config/python-parameters.js";
import { packageRoot } from "./addon-build.js";
import type { EngineLoadRequest } from "./engine-load-request.js";
import type { EngineModel } from "./engine-model.js";
import { executionEnvironment } from "./execution-environment.js";
import { findPython, requirePython } from "./find-python.js";
import { loadHostedModel } from "./load-hosted-model.js";
import { pythonHostRequest } from "./python-host-request.js";

/**
 * Loads a PyTorch model that is Python code, or TorchScript without any, into a Python process of its own.
 *
 * @param request `path` is the file of Python code, or of TorchScript
 * @throws {ServingError} INVALID_ARGUMENT for what is wrong with the model or its configuration, with the end of the
 *   traceback where Python has one; UNAVAILABLE if there is no Python with torch, or if the process ends
 * @see Triton PyTorch backend, "PyTorch 2.0 Models"
 */
export async function loadPythonModel(request: EngineLoadRequest): Promise<EngineModel> {
  checkPythonConfig(request.config);
  const parameters = pythonParameters(request.config, request.directory);
  const { executionEnvPath } = parameters;
  const { env } = process;
  const python =
    executionEnvPath === undefined
      ? requirePython(findPython(env))
      : await executionEnvironment(executionEnvPath, env);
  request.logger.info(`runs in ${python}`);
  return loadHostedModel(request, {
    command: python,
    args: ["-u", join(packageRoot, "python", "tandem_host")],
    // What a model or torch.compile starts is looked for in the same environment first.
    env: { ...env, PATH: [dirname(python), env.PATH].filter(Boolean).join(delimiter) },
    request: pythonHostRequest(request, parameters),
  });
}
