import type { TorchProcessSettings } from "../config/torch-parameters.js";
import type { TorchPlan } from "../config/torch-plans.js";
import type { ExecutionPlanReport } from "./engine-model.js";
import type { NativeAddon, NativeBatchInput, NativeModelHandle, NativeTensorSpec } from "./native-addon.js";

/** A TorchScript file that has been read onto a device. */
export interface NativeModule {
  /** Of `forward`, without `self`; types in TorchScript's spelling, `Tensor` or `Dict(str, Tensor)`. */
  readonly arguments: readonly { readonly name: string; readonly type: string }[];
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
  readonly inputs: readonly (NativeTensorSpec & { readonly argument: number; readonly key: string })[];
  readonly batchInputs: readonly NativeBatchInput[];
  /** `index` into what `forward` returns. */
  readonly outputs: readonly (NativeTensorSpec & { readonly index: number })[];
  readonly coalesceRows: number;
  readonly slot: number;
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
  open(options: NativeTorchOptions): Promise<NativeTorchModel>;
}
