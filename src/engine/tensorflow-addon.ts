import type { NativeAddon, NativeModelHandle, NativeTensorSpec } from "./native-addon.js";

export interface NativeTensorFlowTensor extends NativeTensorSpec {
  /** In the graph: `serving_default_x:0`, or a node's name for its first output. */
  readonly tensor: string;
}

export interface NativeTensorFlowOptions {
  readonly kind: "saved_model" | "graph_def";
  readonly path: string;
  /** Of the SavedModel's graph; empty for a GraphDef. */
  readonly tags: readonly string[];
  readonly inputs: readonly NativeTensorFlowTensor[];
  readonly outputs: readonly NativeTensorFlowTensor[];
  /** `tensorflow.ConfigProto`, encoded. */
  readonly config: Uint8Array;
  /** `tensorflow.RunOptions`, encoded. */
  readonly runOptions: Uint8Array;
  /** Per instance, the number of its session: those with the same number share one. */
  readonly instances: readonly { readonly session: number }[];
  readonly coalesceRows: number;
  readonly slot: number;
}

/** What tandem_tensorflow.node exports; native/binding/tensorflow_addon.cc. Errors have a numeric `code`. */
export interface TensorFlowAddon extends NativeAddon {
  /** Binds the C API of a libtensorflow, the first time; returns its version. */
  loadLibrary(path: string): string;
  open(options: NativeTensorFlowOptions): Promise<NativeModelHandle>;
}
