import { backendOptionReader } from "./option-reader.js";
import { parseInteger, parseLongInteger } from "./option-value.js";

/** What `--backend-config=python,...` sets; see {@link pythonBackendOptions}. */
export interface PythonBackendOptions {
  /** `shm-default-byte-size`: the memory that an instance shares with the server, to begin with. */
  readonly shmDefaultByteSize: number;
  /** `shm-growth-byte-size`: by how many bytes, at least, that memory grows. */
  readonly shmGrowthByteSize: number;
  /** `stub-timeout-seconds`: longest silence of a process that starts. */
  readonly stubTimeoutSeconds: number;
  /** One for each option given that has no effect. */
  readonly warnings: readonly string[];
}

const MEBIBYTE = 1024 * 1024;

/** Of what Triton's processes need and Tandem's do not. */
const withoutEffect: Readonly<Record<string, string>> = {
  "shm-region-prefix-name": "shared memory has no name",
  "thread-pool-size": "one thread serves all processes",
  shm_message_queue_size: "each instance has one batch at a time",
};

/**
 * Reads `--backend-config=python,...`.
 *
 * @param settings by key; see `backendSettings`
 * @throws {ServingError} INVALID_ARGUMENT, naming the key, for a value that is not of its type or out of its range
 * @see Triton Python backend, "Managing Shared Memory", "Stub Timeout"
 */
export function pythonBackendOptions(settings: ReadonlyMap<string, string>): PythonBackendOptions {
  const read = backendOptionReader("python", settings);
  const positive = { parse: parseInteger, isValid: (value: number) => value >= 1 };
  read("thread-pool-size", 32, "positive number", positive);
  read("shm_message_queue_size", 1000, "positive number", positive);
  return {
    shmDefaultByteSize: read("shm-default-byte-size", MEBIBYTE, `at least ${MEBIBYTE} (1 MiB)`, {
      parse: parseLongInteger,
      isValid: (size) => size >= MEBIBYTE,
    }),
    shmGrowthByteSize: read("shm-growth-byte-size", MEBIBYTE, "positive number", {
      parse: parseLongInteger,
      isValid: (size) => size >= 1,
    }),
    stubTimeoutSeconds: read("stub-timeout-seconds", 30, "positive number", positive),
    warnings: Object.entries(withoutEffect)
      .filter(([key]) => settings.has(key))
      .map(([key, reason]) => `--backend-config=python,${key} has no effect: ${reason}`),
  };
}
