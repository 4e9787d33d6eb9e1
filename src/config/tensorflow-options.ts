import { invalidArgument } from "../inference/serving-error.js";
import { defaultMaxBatchSize } from "./backend-config.js";
import { loadDescriptor } from "./message-schema.js";
import type { ModelConfig } from "./model-config.js";
import { parseBoolean, parseFloatingPoint, parseInteger } from "./option-value.js";

/** What a TensorFlow model's parameters and the backend's options mean for its sessions. */
export interface TensorFlowOptions {
  /** `tensorflow.ConfigProto`, encoded. */
  readonly configProto: Uint8Array;
  /** `tensorflow.RunOptions`, encoded: the same for every run. */
  readonly runOptions: Uint8Array;
  /** How many instances on a device may share one session, at least 1. */
  readonly maxSessionShareCount: number;
  readonly warnings: readonly string[];
}

export interface SessionPlacement {
  readonly kind: "KIND_CPU" | "KIND_GPU" | "KIND_MODEL";
  /**
   * Runs a step's operations one after another on the calling thread: the fastest for small models. It refuses v1
   * control flow, so the caller needs a way back. Default: TensorFlow's own executor.
   */
  readonly singleThreadedExecutor?: boolean;
  /** One thread for each operation, unless the model's parameters say how many. Default: TensorFlow's choice. */
  readonly smallModel?: boolean;
}

/** Options of the TensorFlow backend that auto-complete needs; see {@link tensorFlowBackendOptions}. */
export interface TensorFlowBackendOptions {
  readonly allowSoftPlacement: boolean;
  /** Share of a GPU's memory taken at once; 0: grow on demand. */
  readonly gpuMemoryFraction: number;
  readonly defaultMaxBatchSize: number;
  readonly warnings: readonly string[];
}

/**
 * Reads `--backend-config=tensorflow,...`.
 *
 * @param settings by key; see `backendSettings`
 * @throws {ServingError} INVALID_ARGUMENT for a value that is not of the key's type, or a `version` other than 1 and 2
 * @see Triton TensorFlow backend, "Command-line Options"
 */
export function tensorFlowBackendOptions(settings: ReadonlyMap<string, string>): TensorFlowBackendOptions {
  const version = parseInteger(settings.get("version") ?? "2");
  if (version !== 1 && version !== 2) {
    throw invalidArgument(`unexpected TensorFlow library version '${version}', expects 2.`);
  }
  return {
    allowSoftPlacement: parseBoolean(settings.get("allow-soft-placement") ?? "true"),
    gpuMemoryFraction: parseFloatingPoint(settings.get("gpu-memory-fraction") ?? "0"),
    defaultMaxBatchSize: parseInteger(settings.get("default-max-batch-size") ?? String(defaultMaxBatchSize)),
    warnings:
      version === 1
        ? ["--backend-config=tensorflow,version=1: TensorFlow 1 models are run by the TensorFlow 2 library"]
        : [],
  };
}

/**
 * The session configuration of a TensorFlow model.
 *
 * Runs happen on the calling thread (`inter_op_thread_pool: -1`), which for small models costs a tenth of a hand-over
 * to TensorFlow's pool, unless the model asks for inter-op threads of its own.
 *
 * @throws {ServingError} INVALID_ARGUMENT, with the reference's texts, for a parameter that has no sense
 * @see Triton TensorFlow backend, "Model Configuration Options"; tensorflow/core/protobuf/config.proto
 */
export function tensorFlowOptions(
  config: ModelConfig,
  backend: TensorFlowBackendOptions,
  placement: SessionPlacement,
): TensorFlowOptions {
  const text = (key: string, otherwise: string) => config.parameters[key]?.stringValue || otherwise;
  const intraThreads = parseInteger(text("TF_NUM_INTRA_THREADS", "0"));
  const interThreads = parseInteger(text("TF_NUM_INTER_THREADS", "0"));
  const maxSessionShareCount = parseInteger(text("MAX_SESSION_SHARE_COUNT", "1"));
  checkParameter(config, "TF_NUM_INTRA_THREADS", intraThreads >= 0, "non-negative");
  checkParameter(config, "TF_NUM_INTER_THREADS", interThreads >= 0, "non-negative");
  checkParameter(config, "MAX_SESSION_SHARE_COUNT", maxSessionShareCount >= 1, "positive");

  const configProto = encode("tensorflow.ConfigProto", {
    intra_op_parallelism_threads: intraThreads || (placement.smallModel ? 1 : 0),
    inter_op_parallelism_threads: interThreads,
    use_per_session_threads: parseBoolean(text("TF_USE_PER_SESSION_THREADS", "false")),
    allow_soft_placement: backend.allowSoftPlacement,
    // A CPU instance must not take memory of a GPU that happens to be there.
    ...(placement.kind === "KIND_CPU" ? { device_count: { GPU: 0 } } : {}),
    gpu_options: {
      per_process_gpu_memory_fraction: backend.gpuMemoryFraction,
      allow_growth: backend.gpuMemoryFraction === 0,
    },
    graph_options: {
      optimizer_options: { global_jit_level: jitLevel(config.optimization?.graph?.level ?? 0) },
    },
    ...(placement.singleThreadedExecutor
      ? { experimental: { executor_type: "SINGLE_THREADED_EXECUTOR" } }
      : {}),
  });
  const runOptions = encode("tensorflow.RunOptions", { inter_op_thread_pool: interThreads > 0 ? 0 : -1 });
  return { configProto, runOptions, maxSessionShareCount, warnings: threadWarnings(config) };
}

function checkParameter(config: ModelConfig, key: string, isValid: boolean, expected: string): void {
  if (isValid) return;
  throw invalidArgument(
    `parameter '${key}' must be ${expected} number for TensorFlow model '${config.name}'`,
  );
}

/** `optimization.graph.level`: XLA off, as TensorFlow decides, on, on with more. */
function jitLevel(level: number): string {
  if (level < 0) return "OFF";
  if (level === 0) return "DEFAULT";
  return level === 1 ? "ON_1" : "ON_2";
}

function threadWarnings(config: ModelConfig): string[] {
  const { TF_NUM_INTER_THREADS, TF_USE_PER_SESSION_THREADS } = config.parameters;
  if (!TF_NUM_INTER_THREADS || parseBoolean(TF_USE_PER_SESSION_THREADS?.stringValue || "false")) return [];
  return [
    `model '${config.name}' sets TF_NUM_INTER_THREADS without TF_USE_PER_SESSION_THREADS: ` +
      "the first TensorFlow model of the process decides for all that share its threads",
  ];
}

function encode(message: "tensorflow.ConfigProto" | "tensorflow.RunOptions", value: object): Uint8Array {
  const type = loadDescriptor("tensorflow-options").lookupType(message);
  return type.encode(type.fromObject(value)).finish();
}
