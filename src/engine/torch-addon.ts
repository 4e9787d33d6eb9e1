import type { TorchInputPlace } from "../config/bind-torch-model.js";
import type { TorchOutputPlace } from "../config/torch-outputs.js";
import type { TorchParameters } from "../config/torch-parameters.js";
import type { TorchSignature } from "../config/torch-signature.js";
import type { TorchDescription } from "../config/torch-skeleton.js";
import type { NativeChannel } from "./engine-load-request.js";
import type { NativeAddon, NativeBatchInput, NativeModelHandle, NativeTensorSpec } from "./native-addon.js";

/** A TorchScript file that has been read onto a device. */
export interface NativeModule {
  readonly signature: TorchSignature;
  readonly handle: unknown;
}

export interface NativeTorchOptions {
  /** Per instance, the module it runs. */
  readonly instances: readonly { readonly module: unknown }[];
  /** What requests bring, then `batchInputs`. `key` is not empty: an entry of the dictionary that `forward` takes. */
  readonly inputs: readonly (NativeTensorSpec & TorchInputPlace)[];
  readonly batchInputs: readonly NativeBatchInput[];
  readonly outputs: readonly (NativeTensorSpec & TorchOutputPlace)[];
  /** Of `forward`, for messages. */
  readonly signature: string;
  /** Threads that an operation may use; 0: libtorch's default, one per core. */
  readonly threads: number;
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
  /** `device`: `cpu`, `cuda:0`, or "" to leave tensors where the file puts them. */
  loadModule(path: string, device: string): Promise<NativeModule>;
  /** Reads the file onto the CPU, and runs nothing of it. */
  describeModule(path: string): Promise<TorchDescription>;
  open(options: NativeTorchOptions): Promise<NativeModelHandle>;
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
