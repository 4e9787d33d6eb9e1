import { checkTorchConfig } from "../config/check-torch-config.js";
import type { ModelConfig } from "../config/model-config.js";
import { bindTorchInputs, bindTorchOutputs, takesDictionary } from "../config/torch-naming.js";
import { type TorchParameters, torchParameters } from "../config/torch-parameters.js";
import { invalidArgument, ServingError } from "../inference/serving-error.js";
import { loadAddon } from "./addon.js";
import type { EngineLoadRequest } from "./engine-load-request.js";
import type { EngineModel } from "./engine-model.js";
import { modelByteSize } from "./model-byte-size.js";
import { isRagged, modelTensors, nativeInputs } from "./model-tensors.js";
import { modulePlaces, torchDevice } from "./module-places.js";
import { type NativeTensorSpec, nativeTensorSpec } from "./native-addon.js";
import { NativeModel, newSlot } from "./native-model.js";
import { settleTorchProcess } from "./settle-torch-process.js";
import { isSmallModel } from "./small-model.js";
import type { NativeModule, NativeTorchOptions, TorchAddon } from "./torch-addon.js";

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
  const addon = loadAddon<TorchAddon>("torch");
  for (const warning of settleTorchProcess(addon, config.name, parameters.process)) request.warn(warning);
  const modules = new Map<string, NativeModule>();
  for (const device of new Set(instances.map(torchDevice))) {
    modules.set(device, await loadedModule(addon, path, device, config.name));
  }
  const [module] = modules.values() as Iterable<NativeModule>;
  const tensors = modelTensors(config);
  const { inputs, outputs, batchInputs, scatters } = tensors;
  const bound = nativeInputs(tensors);
  const places = inputPlaces(config, bound, module as NativeModule, request.warn);
  const indices = bindTorchOutputs(config);
  const batched = config.maxBatchSize > 0;
  const running = modulePlaces(config, parameters, instances, modules, {
    smallModel: isSmallModel(await modelByteSize(path), inputs, batched),
    measurable: !isRagged(tensors),
  });
  const slot = newSlot(addon);
  const handle = await addon
    .open({
      places: running.places,
      instances: running.placeOf,
      ...executionOptions(parameters),
      inputs: bound.map((spec, i) => ({ ...spec, ...(places[i] as InputPlace) })),
      batchInputs,
      outputs: outputs.map((spec, i) => ({ ...nativeTensorSpec(spec), index: indices[i] as number })),
      coalesceRows,
      slot,
    })
    .catch((error) => {
      throw loadFailure(config.name, error);
    });
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

interface InputPlace {
  readonly argument: number;
  readonly key: string;
}

function inputPlaces(
  config: ModelConfig,
  inputs: readonly NativeTensorSpec[],
  { arguments: parameters }: NativeModule,
  warn: (message: string) => void,
): InputPlace[] {
  if (takesDictionary(parameters.map(({ type }) => typeKind(type)))) {
    return inputs.map(({ name }) => ({ argument: 0, key: name }));
  }
  const binding = bindTorchInputs(
    config.name,
    inputs.map(({ name }) => name),
    parameters.map(({ name }) => name),
  );
  for (const warning of binding.warnings) warn(warning);
  return binding.positions.map((argument) => ({ argument, key: "" }));
}

/** libtorch's kind of a type in TorchScript's spelling. */
function typeKind(type: string): string {
  if (type === "Tensor") return "TensorType";
  if (type.startsWith("Dict(")) return "DictType";
  return type.endsWith("[]") || type.startsWith("List[") ? "ListType" : type;
}

async function loadedModule(
  addon: TorchAddon,
  path: string,
  device: string,
  name: string,
): Promise<NativeModule> {
  try {
    return await addon.loadModule(path, device);
  } catch (error) {
    throw loadFailure(name, error);
  }
}

function loadFailure(name: string, error: unknown): ServingError {
  const { code, message } = ServingError.from(error);
  return new ServingError(code, `failed to load model '${name}': ${message}`);
}
