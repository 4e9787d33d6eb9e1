import type { TorchInputPlace } from "../config/bind-torch-model.js";
import type { TorchOutputPlace } from "../config/torch-outputs.js";
import type { TorchParameters, TorchProcessSettings } from "../config/torch-parameters.js";
import type { TorchPlan } from "../config/torch-plans.js";
import type { TorchSignature } from "../config/torch-signature.js";
import type { TorchDescription } from "../config/torch-skeleton.js";
import type { NativeChannel } from "./engine-load-request.js";
import type { ExecutionPlanReport } from "./engine-model.js";
import type { NativeAddon, NativeBatchInput, NativeModelHandle, NativeTensorSpec } from "./native-addon.js";

/** A TorchScript file that has been read onto a device. */
export interface NativeModule {
  readonly signature: TorchSignature;
  /** Whether it can run in other ways than `plain`. */
  readonly freezable: boolean;
  readonly handle: unknown;
}

/** Instances on one device, which run by one plan. */
export interface NativeTorchPlace {
  /** A `NativeModule.handle`, which no other model can use afterwards. */
  readonly module: unknown;
  /** One is taken as it is; of several the fastest, the first being the measure. */
  readonly plans: readonly TorchPlan[];
  readonly fallback: number;
  /** Batch sizes to measure; empty: no batch dimension. */
  readonly rows: readonly number[];
  /** By input, its dimensions without the batch where it is known which are usual; else empty. */
  readonly sampleShapes: readonly (readonly number[])[];
  /** How many times faster a plan with several threads for an operation has to be than one with a single thread. */
  readonly threadsGain: number;
  /** Whether the model may be run with made-up inputs, to measure and to prepare it; with several plans it has to be. */
  readonly runsSamples: boolean;
}

/** A model in the torch addon. */
export interface NativeTorchModel extends NativeModelHandle {
  /** By place. */
  readonly plans: readonly ExecutionPlanReport[];
}

export interface NativeTorchOptions {
  /** How instances run, one entry for each device that has any. */
  readonly places: readonly NativeTorchPlace[];
  /** Per instance its place. */
  readonly instances: readonly number[];
  /** Which instances on a device run one module. */
  readonly sharing: "where safe" | "always" | "never";
  readonly inferenceMode: boolean;
  readonly optimizedExecution: boolean;
  readonly cudnn: boolean;
  readonly cacheCleaning: boolean;
  /** What requests bring, then `batchInputs`. `key` is not empty: an entry of the dictionary that `forward` takes. */
  readonly inputs: readonly (NativeTensorSpec & TorchInputPlace)[];
  readonly batchInputs: readonly NativeBatchInput[];
  readonly outputs: readonly (NativeTensorSpec & TorchOutputPlace)[];
  /** Of `forward`, for messages. */
  readonly signature: string;
  readonly coalesceRows: number;
  readonly slot: number;
  /** Batches come over these, not from `submit`. */
  readonly channels: readonly NativeChannel[] | undefined;
}

/** What the file of an AOTInductor package says of itself. */
export interface NativePackageContents {
  /** Names of the compiled models in it, separated by ", ". */
  readonly models: string;
  /** JSON of the one named "model"; empty where there is none. */
  readonly metadata: string;
  /** In C++, of the same one; empty where it is not in the package. */
  readonly source: string;
}

/** An AOTInductor package on its device. */
export interface NativePackage {
  /** How `(args, kwargs)` are nested, a PyTorch pytree as JSON. */
  readonly arguments: string;
  /** Likewise what is returned. */
  readonly results: string;
  /** Used up by `openPackage`. */
  readonly handle: unknown;
}

export interface NativePackageInput extends NativeTensorSpec {
  /** Which of the package's inputs it is. */
  readonly leaf: number;
  /** By dimension the only size, or a negative number: dimensions of the same one have to be equal. undefined: unknown. */
  readonly dims: readonly number[] | undefined;
}

export interface NativePackageOptions {
  /** Per instance, the package it runs. */
  readonly instances: readonly { readonly package: unknown }[];
  /** What requests bring, then `batchInputs`. */
  readonly inputs: readonly NativePackageInput[];
  readonly batchInputs: readonly NativeBatchInput[];
  readonly outputs: readonly (NativeTensorSpec & { readonly leaf: number })[];
  /** Whether the package may write to its inputs: it is given copies. */
  readonly writesInputs: boolean;
  readonly settings: Pick<
    TorchParameters,
    "inferenceMode" | "optimizedExecution" | "cudnn" | "cacheCleaning"
  >;
  /** Threads that an operation may use; 0: libtorch's default, one per core. */
  readonly threads: number;
  readonly coalesceRows: number;
  readonly slot: number;
  /** Batches come over these, not from `submit`. */
  readonly channels: readonly NativeChannel[] | undefined;
}

/** What tandem_torch.node exports; native/binding/torch_addon.cc. Errors have a numeric `code`. */
export interface TorchAddon extends NativeAddon {
  /** Of the libtorch it was built with. */
  readonly version: string;
  cudaDeviceCount(): number;
  /** Makes the settings hold for the process where nobody has before; returns what is in effect. */
  settleProcess(settings: TorchProcessSettings): {
    readonly [Key in keyof TorchProcessSettings]-?: number | boolean;
  };
  /** `device`: `cpu`, `cuda:0`, or "" to leave tensors where the file puts them. */
  loadModule(path: string, device: string): Promise<NativeModule>;
  /** Reads the file onto the CPU, and runs nothing of it. */
  describeModule(path: string): Promise<TorchDescription>;
  open(options: NativeTorchOptions): Promise<NativeTorchModel>;
  /** Reads a file without running anything of it. */
  readPackage(path: string): Promise<NativePackageContents>;
  /** @param runners how many runs it takes at the same time */
  loadPackage(path: string, device: string, runners: number): Promise<NativePackage>;
  /** Runs a package with made-up inputs of exactly these shapes; types and shapes of its results. */
  tryPackage(
    handle: unknown,
    options: { readonly inputs: readonly NativePackageInput[] },
  ): Promise<{ readonly datatype: number; readonly shape: readonly number[] }[]>;
  openPackage(options: NativePackageOptions): Promise<NativeModelHandle>;
}
