import { bindLeaves, readCallSpec } from "../config/aoti-naming.js";
import type { PackageSource } from "../config/aoti-source.js";
import { batchOutputOf } from "../config/batch-outputs.js";
import { checkAotiConfig, checkPackageOutput } from "../config/check-aoti-package.js";
import { checkPackageHost, type PackageMetadata } from "../config/check-package-host.js";
import { dataTypeName } from "../config/data-type-name.js";
import type { ModelConfig } from "../config/model-config.js";
import { torchParameters } from "../config/torch-parameters.js";
import { invalidArgument, ServingError } from "../inference/serving-error.js";
import { loadAddon } from "./addon.js";
import { bindPackageInputs, dataTypeOf } from "./bind-package.js";
import { cpuFlags } from "./cpu-flags.js";
import { describePackage } from "./describe-package.js";
import type { EngineLoadRequest } from "./engine-load-request.js";
import type { EngineModel } from "./engine-model.js";
import { loading } from "./loading.js";
import { type ModelTensors, modelTensors } from "./model-tensors.js";
import { torchDevice } from "./module-places.js";
import { nativeTensorSpec } from "./native-addon.js";
import { NativeModel, newSlot } from "./native-model.js";
import { sampleShapes } from "./package-sample.js";
import { settleTorchProcess } from "./settle-torch-process.js";
import { isSmallModel } from "./small-model.js";
import type { NativePackage, NativePackageInput, TorchAddon } from "./torch-addon.js";

/**
 * Loads an AOTInductor package. Instances on the same device share one, and with it its weights, unless running it
 * changes it.
 *
 * @throws {ServingError} INVALID_ARGUMENT if the file is no such package, was made for another machine, device or version of
 *   PyTorch, or if model and configuration disagree; UNAVAILABLE if libtorch or the addon is missing
 * @see Triton "PyTorch Backend", AOTInductor
 */
export async function loadAotiModel(request: EngineLoadRequest): Promise<EngineModel> {
  const { config, path, instances, coalesceRows } = request;
  checkAotiConfig(config);
  const parameters = torchParameters(config);
  const addon = loadAddon<TorchAddon>("torch");
  for (const warning of settleTorchProcess(addon, config.name, parameters.process)) request.warn(warning);
  const { metadata, source } = await loading(config.name, describePackage(path));
  checkPackageHost(config.name, metadata, instances.map(torchDevice), {
    platform: process.platform,
    machine: process.arch === "x64" ? "x86_64" : process.arch,
    cpuFlags: cpuFlags(),
    torchVersion: addon.version,
  });
  const devices = instances.map((instance) => torchDevice(instance) || ownDevice(metadata));
  const isShared = parameters.weightSharing ?? !source.hasState;
  const packages = await loadPackages(addon, path, devices, isShared, config.name);
  const [first] = packages as [NativePackage];
  const tensors = modelTensors(config);
  const { inputs: leafNames, outputs: resultNames } = readCallSpec(first.arguments, first.results);
  const { inputs, warnings } = bindPackageInputs(config, tensors, leafNames, source);
  for (const warning of warnings) request.warn(warning);
  const leaves = bindLeaves(
    config.name,
    "output",
    tensors.outputs.map(({ name }) => name),
    resultNames,
  );
  if (!source.hasState) await tryOut(addon, first, config, { tensors, inputs, leaves, source }, request.warn);
  const batched = config.maxBatchSize > 0;
  const isSmall = source.inputs !== undefined && isSmallModel(source.weightBytes, tensors.inputs, batched);
  const slot = newSlot(addon);
  const handle = await addon
    .openPackage({
      instances: packages.map((each) => ({ package: each.handle })),
      inputs,
      batchInputs: tensors.batchInputs,
      outputs: tensors.outputs.map((spec, i) => ({ ...nativeTensorSpec(spec), leaf: leaves[i] as number })),
      writesInputs: source.writesInputs,
      settings: parameters,
      threads: parameters.intraOpThreads || (isSmall ? 1 : 0),
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
    inputs: tensors.inputs,
    outputs: tensors.outputs,
    instanceCount: instances.length,
    batched,
    scatters: tensors.scatters,
  });
}

function ownDevice({ AOTI_DEVICE_KEY: kind = "cpu" }: PackageMetadata): string {
  return kind === "cuda" ? "cuda:0" : kind;
}

/** One for each instance; the same for those that share it. */
async function loadPackages(
  addon: TorchAddon,
  path: string,
  devices: readonly string[],
  isShared: boolean,
  model: string,
): Promise<NativePackage[]> {
  const load = (device: string, runners: number) =>
    loading(model, addon.loadPackage(path, device, runners), (message) =>
      message.includes("undefined symbol")
        ? `the package was made by another version of PyTorch than ${addon.version}, which is here: ${message}`
        : message,
    );
  const packages: NativePackage[] = [];
  for (const [i, device] of devices.entries()) {
    const first = isShared ? devices.indexOf(device) : i;
    const runners = isShared ? devices.filter((each) => each === device).length : 1;
    packages.push(first < i ? (packages[first] as NativePackage) : await load(device, runners));
  }
  return packages;
}

interface BoundTensors {
  readonly tensors: ModelTensors;
  readonly inputs: readonly NativePackageInput[];
  /** By configured output, its position in the results. */
  readonly leaves: readonly number[];
  readonly source: PackageSource;
}

/**
 * Runs the package once, so that the first request does not wait for what is prepared then, and compares the results with
 * the configured outputs. That made-up inputs are refused says nothing of the package.
 */
async function tryOut(
  addon: TorchAddon,
  { handle }: NativePackage,
  config: ModelConfig,
  { tensors, inputs, leaves, source }: BoundTensors,
  warn: (message: string) => void,
): Promise<void> {
  const rows = config.maxBatchSize > 0 ? Math.min(2, config.maxBatchSize) : undefined;
  const declared: (readonly number[] | undefined)[] = [];
  for (const { leaf, shape, ragged } of inputs) declared[leaf] = ragged ? [-1] : shape;
  const shapes = sampleShapes(source.inputs, declared, rows);
  if (shapes === undefined) return;
  let results: Awaited<ReturnType<TorchAddon["tryPackage"]>>;
  try {
    const sample = inputs.map((input) => ({ ...input, shape: shapes[input.leaf] as number[] }));
    results = await addon.tryPackage(handle, { inputs: sample });
  } catch (error) {
    warn(`model '${config.name}': a run with made-up inputs failed: ${ServingError.from(error).message}`);
    return;
  }
  for (const [i, { name, datatype, shape = [] }] of tensors.outputs.entries()) {
    const given = results[leaves[i] as number];
    if (given === undefined) {
      throw invalidArgument(
        `unable to load model '${config.name}', output '${name}' is no tensor: the package gives ${results.length}`,
      );
    }
    const isCut = batchOutputOf(config, name) !== undefined;
    const expected = rows === undefined ? shape : [rows, ...shape.slice(1)];
    checkPackageOutput(
      config,
      { name, dataType: dataTypeName(datatype), shape: isCut ? undefined : expected },
      { dataType: dataTypeOf(given.datatype), shape: given.shape },
    );
  }
}
