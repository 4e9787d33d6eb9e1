import type { ModelConfig } from "./model-config.js";
import { parameterReader } from "./option-reader.js";
import { type OptionRule, parseBoolean, parseInteger } from "./option-value.js";
import { pythonPlatform } from "./python-platform.js";

/** What a TensorFlow model's `parameters` say of its sessions. */
export interface TensorFlowParameters {
  /** `TF_NUM_INTRA_THREADS`; 0: TensorFlow's choice. */
  readonly intraThreads: number;
  /** `TF_NUM_INTER_THREADS`; 0: TensorFlow's choice. */
  readonly interThreads: number;
  /** `TF_USE_PER_SESSION_THREADS`; the Python backend's name of it is `USE_PER_SESSION_THREAD`, which wins there. */
  readonly perSessionThreads: boolean;
  /** `MAX_SESSION_SHARE_COUNT`: how many instances on a device may share one session, at least 1. */
  readonly maxSessionShareCount: number;
  /** `EXECUTION_PLAN`, Tandem's own: how the model is run; `calibrated` (the default) is what measuring finds. */
  readonly executionPlan: ExecutionPlanChoice;
  /** `TF_INIT_OPS_FILE`: a JSON file's name; "": none. */
  readonly initOpsFile: string;
}

const executionPlans = ["calibrated", "plain", "caller-thread"] as const;
export type ExecutionPlanChoice = (typeof executionPlans)[number];

const natural: OptionRule<number> = { parse: parseInteger, isValid: (value) => value >= 0 };
const positive: OptionRule<number> = { parse: parseInteger, isValid: (value) => value >= 1 };

/**
 * @throws {ServingError} INVALID_ARGUMENT, with the reference's texts, for a value that makes no sense; names the
 *   parameter, what it has to be and what it is
 * @see Triton TensorFlow backend, "Model Configuration Options"
 */
export function tensorFlowParameters(config: ModelConfig): TensorFlowParameters {
  const read = parameterReader(config, "TensorFlow model");
  return {
    intraThreads: read("TF_NUM_INTRA_THREADS", 0, "non-negative number", natural),
    interThreads: read("TF_NUM_INTER_THREADS", 0, "non-negative number", natural),
    perSessionThreads: read(perSessionThreadsKey(config), false, "true/on/yes/1 or false/off/no/0", {
      parse: parseBoolean,
    }),
    maxSessionShareCount: read("MAX_SESSION_SHARE_COUNT", 1, "positive number", positive),
    executionPlan: read<ExecutionPlanChoice>("EXECUTION_PLAN", "calibrated", executionPlans.join(" or "), {
      parse: (text) => text as ExecutionPlanChoice,
      isValid: (choice) => executionPlans.includes(choice),
    }),
    initOpsFile: config.parameters.TF_INIT_OPS_FILE?.stringValue ?? "",
  };
}

function perSessionThreadsKey(config: ModelConfig): string {
  const pythonKey = "USE_PER_SESSION_THREAD";
  const hasPythonKey = pythonPlatform(config) !== undefined && Object.hasOwn(config.parameters, pythonKey);
  return hasPythonKey ? pythonKey : "TF_USE_PER_SESSION_THREADS";
}
