import { bindTorchModel, type TorchInputPlace } from "../config/bind-torch-model.js";
import { checkTorchConfig } from "../config/check-torch-config.js";
import type { TorchOutputPlace } from "../config/torch-outputs.js";
import { formatSignature } from "../config/torch-signature.js";
import { invalidArgument, ServingError } from "../inference/serving-error.js";
import { loadAddon } from "./addon.js";
import type { EngineLoadRequest } from "./engine-load-request.js";
import type { EngineModel, InstanceOptions } from "./engine-model.js";
import { modelByteSize } from "./model-byte-size.js";
import { modelTensors, nativeInputs } from "./model-tensors.js";
import { nativeTensorSpec } from "./native-addon.js";
import { NativeModel, newSlot } from "./native-model.js";
import { isSmallModel } from "./small-model.js";
import type { NativeModule, TorchAddon } from "./torch-addon.js";
import { checkTorchScriptFile } from "./torch-file-kind.js";

/**
 * Loads a TorchScript file. Instances on the same device share one module, as far as nothing in it changes.
 *
 * @throws {ServingError} INVALID_ARGUMENT if model and configuration disagree or libtorch cannot read the file;
 *   UNAVAILABLE if libtorch or the addon is missing
 * @see Triton "PyTorch Backend"
 */
export async function loadTorchModel(request: EngineLoadRequest): Promise<EngineModel> {
  const { config, path, instances, coalesceRows } = request;
  if (config.platform !== "pytorch_libtorch") {
    throw invalidArgument(`platform ${config.platform} not supported for PyTorch model '${config.name}'`);
  }
  checkTorchConfig(config);
  await forModel(config.name, () => checkTorchScriptFile(path));
  const addon = loadAddon<TorchAddon>("torch");
  const modules = new Map<string, NativeModule>();
  for (const device of new Set(instances.map(deviceOf))) {
    modules.set(device, await forModel(config.name, () => addon.loadModule(path, device)));
  }
  const [{ signature }] = [...modules.values()] as [NativeModule];
  const binding = bindTorchModel(config, signature);
  for (const warning of binding.warnings) request.warn(warning);
  const tensors = modelTensors(config);
  const { inputs, outputs, batchInputs, scatters } = tensors;
  const batched = config.maxBatchSize > 0;
  const slot = newSlot(addon);
  const handle = await addon
    .open({
      instances: instances.map((instance) => ({ module: modules.get(deviceOf(instance))?.handle })),
      inputs: nativeInputs(tensors).map((spec, i) => ({
        ...spec,
        ...(binding.inputs[i] as TorchInputPlace),
      })),
      batchInputs,
      outputs: outputs.map((spec, i) => ({
        ...nativeTensorSpec(spec),
        ...(binding.outputs[i] as TorchOutputPlace),
      })),
      signature: formatSignature(signature),
      threads: isSmallModel(await modelByteSize(path), inputs, batched) ? 1 : 0,
      coalesceRows,
      slot,
      channels: request.channels,
    })
    .catch((error) => {
      throw ServingError.from(error);
    });
  return new NativeModel({
    slot,
    handle,
    inputs,
    outputs,
    instanceCount: instances.length,
    batched,
    scatters,
  });
}

function deviceOf({ kind, device }: InstanceOptions): string {
  if (kind === "KIND_GPU") return `cuda:${device}`;
  return kind === "KIND_CPU" ? "cpu" : "";
}

async function forModel<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = ServingError.from(error);
    throw new ServingError(code, `failed to load model '${name}': ${message}`);
  }
}
