import type { TorchInputPlace } from "../config/bind-torch-model.js";
import type { TorchOutputPlace } from "../config/torch-outputs.js";
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
}
