import type { ModelConfig } from "./model-config.js";
import { type OptionRule, parseBoolean, parseInteger, readOption } from "./option-value.js";

/** What a PyTorch model's `parameters` say of how it runs. */
export interface TorchParameters {
  /** `INFERENCE_MODE`; false: gradients are off, but tensors are ordinary ones. */
  readonly inferenceMode: boolean;
  /** Not `DISABLE_OPTIMIZED_EXECUTION`. */
  readonly optimizedExecution: boolean;
  /** Not `DISABLE_CUDNN`. */
  readonly cudnn: boolean;
  /** `ENABLE_CACHE_CLEANING`, in AOTInductor's first spelling `CACHE_CLEANING_ENABLED`: after each execution, on GPUs. */
  readonly cacheCleaning: boolean;
  /** `ENABLE_WEIGHT_SHARING`: whether the instances on a device share one module; undefined: where that is safe. */
  readonly weightSharing: boolean | undefined;
  /** `INTRA_OP_THREAD_COUNT`, of each instance; 0: libtorch's default or what measuring finds. */
  readonly intraOpThreads: number;
  /** `EXECUTION_PLAN`, Tandem's own: how a module is run; `calibrated` (the default) is what measuring finds. */
  readonly executionPlan: TorchPlanChoice;
  readonly process: TorchProcessSettings;
}

/** What libtorch has only once in a process; undefined: left as it is. The first model that asks for one decides. */
export interface TorchProcessSettings {
  /** `INTER_OP_THREAD_COUNT` */
  readonly interOpThreads: number | undefined;
  /** `ENABLE_JIT_EXECUTOR` */
  readonly jitExecutor: boolean | undefined;
  /** `ENABLE_JIT_PROFILING` */
  readonly jitProfiling: boolean | undefined;
  /** `ENABLE_TENSOR_FUSER` */
  readonly tensorFuser: boolean | undefined;
}

const executionPlans = ["calibrated", "plain", "frozen", "optimized"] as const;
export type TorchPlanChoice = (typeof executionPlans)[number];

const positive: OptionRule<number> = { parse: parseInteger, isValid: (value) => value >= 1 };

/**
 * @throws {ServingError} INVALID_ARGUMENT for a value that makes no sense; names the parameter, what it has to be and
 *   what it is
 * @see Triton PyTorch backend, "Customization"
 */
export function torchParameters({ name, parameters }: ModelConfig): TorchParameters {
  const read = <T>(key: string, demand: string, rule: OptionRule<T>): T | undefined => {
    const text = parameters[key]?.stringValue;
    if (text === undefined) return undefined;
    return readOption(text, `parameter '${key}' must be ${demand} for PyTorch model '${name}'`, rule);
  };
  const flag = (key: string) => read(key, "true/on/yes/1 or false/off/no/0", { parse: parseBoolean });
  const count = (key: string) => read(key, "positive number", positive);
  return {
    inferenceMode: flag("INFERENCE_MODE") ?? true,
    optimizedExecution: !(flag("DISABLE_OPTIMIZED_EXECUTION") ?? false),
    cudnn: !(flag("DISABLE_CUDNN") ?? false),
    cacheCleaning: flag("ENABLE_CACHE_CLEANING") ?? flag("CACHE_CLEANING_ENABLED") ?? false,
    weightSharing: flag("ENABLE_WEIGHT_SHARING"),
    intraOpThreads: count("INTRA_OP_THREAD_COUNT") ?? 0,
    executionPlan:
      read("EXECUTION_PLAN", executionPlans.join(" or "), {
        parse: (text) => text as TorchPlanChoice,
        isValid: (choice) => executionPlans.includes(choice),
      }) ?? "calibrated",
    process: {
      interOpThreads: count("INTER_OP_THREAD_COUNT"),
      jitExecutor: flag("ENABLE_JIT_EXECUTOR"),
      jitProfiling: flag("ENABLE_JIT_PROFILING"),
      tensorFuser: flag("ENABLE_TENSOR_FUSER"),
    },
  };
}
