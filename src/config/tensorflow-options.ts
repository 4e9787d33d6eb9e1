import { invalidArgument } from "../inference/serving-error.js";
import { defaultMaxBatchSize } from "./backend-config.js";
import { backendOptionReader } from "./option-reader.js";
import { parseBoolean, parseFloatingPoint, parseInteger } from "./option-value.js";

/** What `--backend-config=tensorflow,...` sets; see {@link tensorFlowBackendOptions}. */
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
  const read = backendOptionReader("tensorflow", settings);
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
