import type { ModelConfig } from "./model-config.js";
import { parameterReader } from "./option-reader.js";
import { parseFloatingPoint, parseInteger } from "./option-value.js";

/** What a configuration says about the process that a model has of its own. Tandem's own parameters. */
export interface HostParameters {
  /** `EXECUTION_TIMEOUT_SECONDS`: a batch that takes longer ends the process; undefined: as long as it takes. */
  readonly executionTimeoutSeconds: number | undefined;
  /** `HOST_RESTARTS`: how often within a minute it is started again before the model is given up; at least 0. */
  readonly restarts: number;
}

/** @throws {ServingError} INVALID_ARGUMENT; names the parameter, what it has to be and what it is */
export function hostParameters(config: ModelConfig): HostParameters {
  const read = parameterReader(config, "model");
  return {
    executionTimeoutSeconds: read<number | undefined>(
      "EXECUTION_TIMEOUT_SECONDS",
      undefined,
      "positive number of seconds",
      {
        parse: parseFloatingPoint,
        isValid: (seconds) => seconds !== undefined && seconds > 0 && seconds < longest,
      },
    ),
    restarts: read("HOST_RESTARTS", 5, "number of at least 0", {
      parse: parseInteger,
      isValid: (count) => count >= 0,
    }),
  };
}

/** A million seconds: some eleven days. */
const longest = 1e6;
