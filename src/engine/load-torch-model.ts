import { bindTorchModel, type TorchInputPlace } from "../config/bind-torch-model.js";
import { checkTorchConfig } from "../config/check-torch-config.js";
import type { TorchOutputPlace } from "../config/torch-outputs.js";
import { type TorchParameters, torchParameters } from "../config/torch-parameters.js";
import { formatSignature } from "../config/torch-signature.js";
import { invalidArgument } from "../inference/serving-error.js";
import { loadAddon } from "./addon.js";
import type { EngineLoadRequest } from "./engine-load-request.js";
import type { EngineModel } from "./engine-model.js";
import { loading } from "./loading.js";
import { modelByteSize } from "./model-byte-size.js";
import { isRagged, modelTensors, nativeInputs } from "./model-tensors.js";
import { modulePlaces, torchDevice } from "./module-places.js";
import { nativeTensorSpec } from "./native-addon.js";
import { NativeModel, newSlot } from "./native-model.js";
import { settleTorchProcess } from "./settle-torch-process.js";
import { isSmallModel } from "./small-model.js";
import type { NativeModule, NativeTorchOptions, TorchAddon } from "./torch-addon.js";
import { checkTorchScriptFile } from "./torch-file-kind.js";

/**
 * Loads a TorchScript file. Instances on the same device share one module where nothing in it changes, or as
 * `ENABLE_WEIGHT_SHARING` says.
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
  const parameters = torchParameters(config);
  await loading(config.name, checkTorchScriptFile(path));
  const addon = loadAddon<TorchAddon>("torch");
  for (const warning of settleTorchProcess(addon, config.name, parameters.process)) request.warn(warning);
  const modules = new Map<string, NativeModule>();
  for (const device of new Set(instances.map(torchDevice))) {
    modules.set(device, await loading(config.name, addon.loadModule(path, device)));
  }
  const [{ signature }] = [...modules.values()] as [NativeModule];
  const binding = bindTorchModel(config, signature);
  for (const warning of binding.warnings) request.warn(warning);
  const tensors = modelTensors(config);
  const { inputs, outputs, batchInputs, scatters } = tensors;
  const batched = config.maxBatchSize > 0;
  const running = modulePlaces(config, parameters, instances, modules, {
    smallModel: isSmallModel(await modelByteSize(path), inputs, batched),
    measurable: !isRagged(tensors),
  });
  const slot = newSlot(addon);
  const handle = await loading(
    config.name,
    addon.open({
      places: running.places,
      instances: running.placeOf,
      ...executionOptions(parameters),
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
      coalesceRows,
      slot,
      channels: request.channels,
    }),
  );
  return new NativeModel({
    slot,
    handle,
    inputs,
    outputs,
    instanceCount: instances.length,
    batched,
    scatters,
    plans: handle.plans,
  });
}

function executionOptions({
  weightSharing,
  inferenceMode,
  optimizedExecution,
  cudnn,
  cacheCleaning,
}: TorchParameters): Pick<
  NativeTorchOptions,
  "sharing" | "inferenceMode" | "optimizedExecution" | "cudnn" | "cacheCleaning"
> {
  const sharing = weightSharing === undefined ? "where safe" : weightSharing ? "always" : "never";
  return { sharing, inferenceMode, optimizedExecution, cudnn, cacheCleaning };
}
