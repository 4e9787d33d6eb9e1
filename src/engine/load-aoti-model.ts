import { bindLeaves, readCallSpec } from "../config/aoti-naming.js";
import { type PackageInput, type PackageSource, readPackageSource } from "../config/aoti-source.js";
import { batchOutputOf } from "../config/batch-outputs.js";
import { checkAotiConfig, checkPackageInput, checkPackageOutput } from "../config/check-aoti-package.js";
import { checkPackageHost, type PackageMetadata } from "../config/check-package-host.js";
import { dataTypeName } from "../config/data-type-name.js";
import type { DataTypeName, ModelConfig } from "../config/model-config.js";
import { torchParameters } from "../config/torch-parameters.js";
import { datatypeByNumber } from "../inference/datatype.js";
import { invalidArgument, ServingError } from "../inference/serving-error.js";
import { loadAddon } from "./addon.js";
import { cpuFlags } from "./cpu-flags.js";
import type { EngineLoadRequest } from "./engine-load-request.js";
import type { EngineModel, InstanceOptions } from "./engine-model.js";
import { type ModelTensors, modelTensors, nativeInputs } from "./model-tensors.js";
import { nativeTensorSpec } from "./native-addon.js";
import { NativeModel, newSlot } from "./native-model.js";
import { sampleShapes } from "./package-sample.js";
import { isSmallModel } from "./small-model.js";
import type { NativePackage, NativePackageContents, NativePackageInput, TorchAddon } from "./torch-addon.js";

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
  const contents = await packageContents(addon, path, config.name);
  const metadata = packageMetadata(contents, config.name);
  checkPackageHost(config.name, metadata, instances.map(deviceOf), {
    platform: process.platform,
    machine: process.arch === "x64" ? "x86_64" : process.arch,
    cpuFlags: cpuFlags(),
    torchVersion: addon.version,
  });
  const source = readPackageSource(contents.source);
  const devices = instances.map((instance) => deviceOf(instance) || ownDevice(metadata));
  const isShared = parameters.weightSharing ?? !source.hasState;
  const packages = await loadPackages(addon, path, devices, isShared, config.name);
  const [first] = packages as [NativePackage];
  const tensors = modelTensors(config);
  const { inputs: leafNames, outputs: resultNames } = readCallSpec(first.arguments, first.results);
  const inputs = packageInputs(config, tensors, leafNames, source, request.warn);
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

/** "" where the package decides. */
function deviceOf({ kind, device }: InstanceOptions): string {
  if (kind === "KIND_GPU") return `cuda:${device}`;
  return kind === "KIND_CPU" ? "cpu" : "";
}

function ownDevice({ AOTI_DEVICE_KEY: kind = "cpu" }: PackageMetadata): string {
  return kind === "cuda" ? "cuda:0" : kind;
}

async function packageContents(
  addon: TorchAddon,
  path: string,
  model: string,
): Promise<NativePackageContents> {
  const contents = await loading(model, addon.readPackage(path));
  if (contents.metadata !== "") return contents;
  const found =
    contents.models === ""
      ? "a program that torch.export.save wrote is compiled by `tandem compile`"
      : `it holds compiled models of other names: ${contents.models}`;
  throw invalidArgument(
    `failed to load model '${model}': '${path}' is no AOTInductor package with a model named "model"; ${found}`,
  );
}

function packageMetadata({ metadata }: NativePackageContents, model: string): PackageMetadata {
  try {
    return JSON.parse(metadata) as PackageMetadata;
  } catch {
    throw invalidArgument(`failed to load model '${model}': the package's metadata is no JSON: ${metadata}`);
  }
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

async function loading<Result>(
  model: string,
  work: Promise<Result>,
  explained: (message: string) => string = (message) => message,
): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const { code, message } = ServingError.from(error);
    throw new ServingError(code, `failed to load model '${model}': ${explained(message)}`);
  }
}

/** The configured inputs, bound to the package's and compared with what its source says of them. */
function packageInputs(
  config: ModelConfig,
  tensors: ModelTensors,
  leafNames: readonly string[],
  source: PackageSource,
  warn: (message: string) => void,
): NativePackageInput[] {
  const { name: model, maxBatchSize } = config;
  const specs = nativeInputs(tensors);
  const leaves = bindLeaves(
    model,
    "input",
    specs.map(({ name }) => name),
    leafNames,
  );
  if (source.inputs === undefined) {
    warn(
      `model '${model}': the package has no source to compare with: its code trusts the configured shapes`,
    );
  } else if (source.inputs.length !== leafNames.length) {
    throw invalidArgument(
      `unable to load model '${model}', its ${leafNames.length} arguments have to be tensors, and ` +
        `${source.inputs.length} are: export it with the others fixed in forward`,
    );
  }
  const symbols = new Map<string, number>();
  return specs.map((spec, i) => {
    const leaf = leaves[i] as number;
    const wanted = source.inputs?.[leaf];
    if (wanted === undefined) return { ...spec, leaf, dims: undefined };
    checkPackageInput(config, { ...spec, dataType: dataTypeOf(spec.datatype) as DataTypeName }, wanted);
    if (wanted.maxRows !== undefined && maxBatchSize > wanted.maxRows) {
      warn(
        `model '${model}': max_batch_size is ${maxBatchSize}, and the package was compiled for at most ` +
          `${wanted.maxRows} rows of input '${spec.name}'`,
      );
    }
    return { ...spec, leaf, dims: numberedDims(wanted, symbols) };
  });
}

function numberedDims({ dims }: PackageInput, symbols: Map<string, number>): number[] | undefined {
  return dims?.map((dim) => {
    if (typeof dim === "number") return dim;
    if (!symbols.has(dim)) symbols.set(dim, -1 - symbols.size);
    return symbols.get(dim) as number;
  });
}

function dataTypeOf(number: number): DataTypeName | undefined {
  const datatype = datatypeByNumber[number];
  return datatype === undefined ? undefined : dataTypeName(datatype);
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
