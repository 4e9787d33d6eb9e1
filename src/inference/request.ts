import type { Tensor } from "./tensor.js";

/** What every caller (HTTP, gRPC, embedded, ensemble step, warm-up) hands to `model.infer`. */
export interface InferenceRequest {
  /** Client's request id, echoed in the response; "" when the client gave none. */
  readonly id: string;
  /** In any order; names unique. The tensors' bytes must stay unchanged until the response is there. */
  readonly inputs: readonly Tensor[];
  /** Names of the outputs wanted, in the order wanted; undefined or empty: all of them, in configuration order. */
  readonly outputs?: readonly string[] | undefined;
  /** 1 is highest; 0 or undefined: the model's default level. */
  readonly priority?: number | undefined;
  /** Longest time in the queue, in microseconds; 0 or undefined: the model's own. */
  readonly timeoutMicros?: number | undefined;
  /** Custom parameters, passed on untouched. */
  readonly parameters?: Readonly<Record<string, string | number | boolean | bigint>> | undefined;
  /** Aborting cancels the request while it is queued: CANCELLED. A running model is not interrupted. */
  readonly signal?: AbortSignal | undefined;
}

export interface InferenceResponse {
  readonly modelName: string;
  /** The version that answered. */
  readonly modelVersion: number;
  readonly id: string;
  /** In the order requested. */
  readonly outputs: readonly Tensor[];
}
