import type { ExecutionPlan } from "../config/tensorflow-plans.js";
import type { NativeChannel } from "./engine-load-request.js";
import type { ExecutionPlanReport } from "./engine-model.js";
import type { NativeAddon, NativeBatchInput, NativeModelHandle, NativeTensorSpec } from "./native-addon.js";

export interface NativeTensorFlowTensor extends NativeTensorSpec {
  /** In the graph: `serving_default_x:0`, or a node's name for its first output. */
  readonly tensor: string;
}

/** Instances on one device, which run by one plan. */
export interface NativePlace {
  /** One is taken as it is; of several the fastest, the first being the measure. */
  readonly plans: readonly ExecutionPlan[];
  readonly fallback: number;
  readonly freezingConfig: Uint8Array;
  /** Batch sizes to measure; empty: no batch dimension. */
  readonly rows: readonly number[];
  /** By input, its dimensions without the batch where it is known which are usual; else empty. */
  readonly sampleShapes: readonly (readonly number[])[];
  /** How many times faster a plan with several threads for an operation has to be than one with a single thread. */
  readonly threadsGain: number;
  /** Whether the model may be run with made-up inputs, to measure and to prepare it; with several plans it has to be. */
  readonly runsSamples: boolean;
  /** Where operations go that name no device: `/device:GPU:1`; "": left to TensorFlow. */
  readonly device: string;
  /** Whether a GraphDef's own placement is dropped, but for the CPU. */
  readonly clearsDevices: boolean;
}

/** A model in the TensorFlow addon. */
export interface NativeTensorFlowModel extends NativeModelHandle {
  /** By place. */
  readonly plans: readonly ExecutionPlanReport[];
}

export interface NativeTensorFlowOptions {
  readonly kind: "saved_model" | "graph_def";
  readonly path: string;
  /** Of the SavedModel's graph; empty for a GraphDef. */
  readonly tags: readonly string[];
  /** What requests bring, then `batchInputs`. */
  readonly inputs: readonly NativeTensorFlowTensor[];
  readonly batchInputs: readonly NativeBatchInput[];
  readonly outputs: readonly NativeTensorFlowTensor[];
  /** Operations to run once in each new session, in this order. */
  readonly initOperations: readonly string[];
  /** Shared libraries of custom operations, loaded before the graph. */
  readonly operationLibraries: readonly string[];
  /** How instances run, one entry for each device that has any. */
  readonly places: readonly NativePlace[];
  /** Per instance its place, and the number of its session: those with the same number share one. */
  readonly instances: readonly { readonly place: number; readonly session: number }[];
  readonly coalesceRows: number;
  readonly slot: number;
  /** Batches come over these, not from `submit`. */
  readonly channels: readonly NativeChannel[] | undefined;
}

/** What tandem_tensorflow.node exports; native/binding/tensorflow_addon.cc. Errors have a numeric `code`. */
export interface TensorFlowAddon extends NativeAddon {
  /** Binds the C API of a libtensorflow, the first time; returns its version. */
  loadLibrary(path: string): string;
  open(options: NativeTensorFlowOptions): Promise<NativeTensorFlowModel>;
}
