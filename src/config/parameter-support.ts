import type { Support } from "./field-support.js";

/** A key of `parameters` that a backend knows. Keys that none knows are passed on to clients and ignored, as in Triton. */
export interface ParameterSupport {
  readonly key: string;
  readonly backend: "tensorflow" | "pytorch" | "python" | "any";
  readonly support: Support;
  readonly reason?: string;
}

/** Every parameter that Triton's backends read. The documentation's table is compared with it. */
export const parameterSupport: readonly ParameterSupport[] = [
  { key: "TF_GRAPH_TAG", backend: "tensorflow", support: "acted on" },
  { key: "TF_SIGNATURE_DEF", backend: "tensorflow", support: "acted on" },
  { key: "TF_NUM_INTRA_THREADS", backend: "tensorflow", support: "acted on" },
  { key: "TF_NUM_INTER_THREADS", backend: "tensorflow", support: "acted on" },
  { key: "TF_USE_PER_SESSION_THREADS", backend: "tensorflow", support: "acted on" },
  { key: "MAX_SESSION_SHARE_COUNT", backend: "tensorflow", support: "acted on" },
  { key: "TF_INIT_OPS_FILE", backend: "tensorflow", support: "acted on" },
  { key: "ISOLATION", backend: "any", support: "acted on" },
  { key: "EXECUTION_TIMEOUT_SECONDS", backend: "any", support: "acted on" },
  { key: "HOST_RESTARTS", backend: "any", support: "acted on" },
  ...[
    "INFERENCE_MODE",
    "DISABLE_OPTIMIZED_EXECUTION",
    "INTRA_OP_THREAD_COUNT",
    "INTER_OP_THREAD_COUNT",
    "ENABLE_WEIGHT_SHARING",
    "ENABLE_JIT_EXECUTOR",
    "ENABLE_JIT_PROFILING",
    "ENABLE_TENSOR_FUSER",
    "DISABLE_CUDNN",
    "ENABLE_CACHE_CLEANING",
    "CACHE_CLEANING_ENABLED",
  ].map((key) => ({ key, backend: "pytorch" as const, support: "acted on" as const })),
  { key: "EXECUTION_PLAN", backend: "any", support: "acted on" },
  {
    key: "TRITON_BATCH_STRATEGY_PATH",
    backend: "any",
    support: "warned",
    reason: "custom batching libraries are not loaded",
  },
  ...[
    "TF_GRAPH_TAG",
    "TF_SIGNATURE_DEF",
    "TF_NUM_INTRA_THREADS",
    "TF_NUM_INTER_THREADS",
    "USE_PER_SESSION_THREAD",
    "TF_USE_PER_SESSION_THREADS",
    "MAX_SESSION_SHARE_COUNT",
    "TF_INIT_OPS_FILE",
    "NUM_THREADS",
    "NUM_INTEROP_THREADS",
    "TORCH_COMPILE",
    "TORCH_COMPILE_OPTIONAL_PARAMETERS",
    "FUNCTION",
    "EXECUTION_ENV_PATH",
  ].map((key) => ({ key, backend: "python" as const, support: "acted on" as const })),
  {
    key: "FORCE_CPU_ONLY_INPUT_TENSORS",
    backend: "python",
    support: "warned",
    reason: "inputs go to where the model is",
  },
];
