import { hostParameters } from "../config/host-parameters.js";
import { pythonBackendOptions } from "../config/python-backend-options.js";
import { loadAddon } from "./addon.js";
import type { EngineLoadRequest } from "./engine-load-request.js";
import type { EngineModel, ExecutionPlanReport } from "./engine-model.js";
import type { HostAddon } from "./host-addon.js";
import type { HostProgram } from "./host-process.js";
import { HostedModel, type HostSettings, startHost } from "./hosted-model.js";
import { modelTensors } from "./model-tensors.js";
import { nativeTensorSpec } from "./native-addon.js";
import { newSlot } from "./native-model.js";

/**
 * Loads a model into a process of its own: batches are formed here and executed there.
 *
 * @param program runs the model; its configuration has been checked
 * @throws {ServingError} what the host tells of a model that it cannot load; UNAVAILABLE if it ends
 */
export async function loadHostedModel(
  request: EngineLoadRequest,
  program: Omit<HostProgram, "startTimeoutMillis">,
): Promise<EngineModel> {
  const { config, modelName, modelVersion, instances, logger } = request;
  const { executionTimeoutSeconds = 0, restarts } = hostParameters(config);
  const options = pythonBackendOptions(request.settings);
  for (const warning of options.warnings) request.warn(warning);
  const addon = loadAddon<HostAddon>("host");
  const title = `model '${modelName}' version ${modelVersion}`;
  const settings: HostSettings = {
    addon,
    title,
    program: { ...program, startTimeoutMillis: options.stubTimeoutSeconds * 1000 },
    instances: instances.length,
    arenaBytes: options.shmDefaultByteSize,
    arenaGrowthBytes: options.shmGrowthByteSize,
    restarts,
    logger,
  };
  const host = await startHost(settings);
  const { inputs, outputs, batchInputs, scatters } = modelTensors(config);
  const slot = newSlot(addon);
  const handle = await addon.open({
    model: title,
    instances: instances.length,
    inputs: inputs.map(nativeTensorSpec),
    batchInputs,
    outputs: outputs.map(nativeTensorSpec),
    timeoutMillis: Math.ceil(executionTimeoutSeconds * 1000),
    coalesceRows: request.coalesceRows,
    slot,
  });
  const { plans = [] } = (host.details ?? {}) as { plans?: readonly ExecutionPlanReport[] };
  const parts = {
    slot,
    handle,
    inputs,
    outputs,
    instanceCount: instances.length,
    batched: config.maxBatchSize > 0,
    scatters,
    plans,
  };
  return new HostedModel(parts, settings, host);
}
