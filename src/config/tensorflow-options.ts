import { invalidArgument } from "../inference/serving-error.js";
import { defaultMaxBatchSize } from "./backend-config.js";
import { loadDescriptor } from "./message-schema.js";
import type { ModelConfig } from "./model-config.js";
import {
  type OptionRule,
  parseBoolean,
  parseFloatingPoint,
  parseInteger,
  readOption,
} from "./option-value.js";
import { tensorFlowAccelerators } from "./tensorflow-accelerators.js";
import { type TensorFlowParameters, tensorFlowParameters } from "./tensorflow-parameters.js";

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
 * @throws {ServingError} INVALID_ARGUMENT, naming the key, for a value that is not of its type or out of its range, or for
 *   a `version` other than 1 and 2
 * @see Triton TensorFlow backend, "Command-line Options"
 */
export function tensorFlowBackendOptions(settings: ReadonlyMap<string, string>): TensorFlowBackendOptions {
  const read = <T>(key: string, otherwise: T, demand: string, rule: OptionRule<T>): T => {
    const text = settings.get(key);
    if (text === undefined) return otherwise;
    return readOption(text, `--backend-config=tensorflow,${key} must be ${demand}`, rule);
  };
  const version = read("version", 2, "1 or 2", { parse: parseInteger });
  if (version !== 1 && version !== 2) {
    throw invalidArgument(`unexpected TensorFlow library version '${version}', expects 2.`);
  }
  return {
    allowSoftPlacement: read("allow-soft-placement", true, "true/on/yes/1 or false/off/no/0", {
      parse: parseBoolean,
    }),
    gpuMemoryFraction: read("gpu-memory-fraction", 0, "from 0 to 1", {
      parse: parseFloatingPoint,
      isValid: (share) => share >= 0 && share <= 1,
    }),
    defaultMaxBatchSize: read("default-max-batch-size", defaultMaxBatchSize, "non-negative number", {
      parse: parseInteger,
      isValid: (size) => size >= 0,
    }),
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
 * @throws {ServingError} see `tensorFlowParameters` and `tensorFlowAccelerators`
 * @see Triton TensorFlow backend, "Model Configuration Options"; tensorflow/core/protobuf/config.proto
 */
export function tensorFlowOptions(
  config: ModelConfig,
  backend: TensorFlowBackendOptions,
  placement: SessionPlacement,
): TensorFlowOptions {
  const parameters = tensorFlowParameters(config);
  const accelerators = tensorFlowAccelerators(config, placement.kind);
  const configProto = encode("tensorflow.ConfigProto", {
    intra_op_parallelism_threads: parameters.intraThreads || (placement.smallModel ? 1 : 0),
    inter_op_parallelism_threads: parameters.interThreads,
    use_per_session_threads: parameters.perSessionThreads,
    allow_soft_placement: backend.allowSoftPlacement,
    // A CPU instance must not take memory of a GPU that happens to be there.
    ...(placement.kind === "KIND_CPU" ? { device_count: { GPU: 0 } } : {}),
    gpu_options: {
      per_process_gpu_memory_fraction: backend.gpuMemoryFraction,
      allow_growth: backend.gpuMemoryFraction === 0,
    },
    graph_options: {
      optimizer_options: { global_jit_level: jitLevel(config.optimization?.graph?.level ?? 0) },
      rewrite_options: accelerators.rewriteOptions,
    },
    ...(placement.singleThreadedExecutor
      ? { experimental: { executor_type: "SINGLE_THREADED_EXECUTOR" } }
      : {}),
  });
  const runOptions = encode("tensorflow.RunOptions", {
    inter_op_thread_pool: parameters.interThreads > 0 ? 0 : -1,
  });
  return {
    configProto,
    runOptions,
    maxSessionShareCount: parameters.maxSessionShareCount,
    warnings: [...accelerators.warnings, ...threadWarnings(config, parameters)],
  };
}

/** `optimization.graph.level`: XLA off, as TensorFlow decides, on, on with more. */
function jitLevel(level: number): string {
  if (level < 0) return "OFF";
  if (level === 0) return "DEFAULT";
  return level === 1 ? "ON_1" : "ON_2";
}

function threadWarnings(config: ModelConfig, parameters: TensorFlowParameters): string[] {
  if (parameters.interThreads === 0 || parameters.perSessionThreads) return [];
  return [
    `model '${config.name}' sets TF_NUM_INTER_THREADS without TF_USE_PER_SESSION_THREADS: ` +
      "the first TensorFlow model of the process decides for all that share its threads",
  ];
}

function encode(message: "tensorflow.ConfigProto" | "tensorflow.RunOptions", value: object): Uint8Array {
  const type = loadDescriptor("tensorflow-options").lookupType(message);
  return type.encode(type.fromObject(value)).finish();
}
