import { invalidArgument } from "../inference/serving-error.js";
import type { TorchParameters } from "./torch-parameters.js";

/** One way to run a TorchScript module. */
export interface TorchPlan {
  readonly name: TorchPlanName;
  readonly way: Way;
  /** That an operation may use, the instance's own among them; 0: libtorch's default, one per core. */
  readonly threads: number;
}

/**
 * - `plain`: the file's own module
 * - `frozen`: its weights as constants, with bit-equal results
 * - `optimized`: frozen, and rewritten for inference (`torch.jit.optimize_for_inference`): equal within rounding
 */
type Way = "plain" | "frozen" | "optimized";

/**
 * `plain`: as libtorch does by itself, with several threads for an operation; `single-threaded`: the same with one.
 * `-parallel`: several threads, as in `plain`.
 */
export type TorchPlanName = Way | "single-threaded" | "frozen-parallel" | "optimized-parallel";

/** The ways to try for the instances of one kind. */
export interface TorchPlans {
  /** Just one: it is taken. Several: the engine measures, and the first is the measure. */
  readonly plans: readonly TorchPlan[];
  /** Index of the plan to take where nothing can be measured. */
  readonly fallback: number;
}

export interface ModulePlacement {
  readonly kind: "KIND_CPU" | "KIND_GPU" | "KIND_MODEL";
  /** One thread for each operation is best, as far as can be told without measuring. */
  readonly smallModel: boolean;
  /** Whether inputs can be made up. */
  readonly measurable: boolean;
  /** Whether the module can run in other ways than `plain`. */
  readonly freezable: boolean;
}

/**
 * The ways to run a TorchScript module that its parameters leave open.
 *
 * `EXECUTION_PLAN` (`plain`, `frozen`, `optimized`) names one; `DISABLE_OPTIMIZED_EXECUTION` leaves the file's own module;
 * what cannot be measured, and instances on GPUs, run frozen where that is possible. `INTRA_OP_THREAD_COUNT` holds in every
 * plan.
 *
 * @param model its name, for messages
 * @throws {ServingError} INVALID_ARGUMENT if `EXECUTION_PLAN` names a way in which the module cannot run
 */
export function torchPlans(
  model: string,
  { executionPlan, intraOpThreads: own, optimizedExecution }: TorchParameters,
  { kind, smallModel, measurable, freezable }: ModulePlacement,
): TorchPlans {
  const plain: TorchPlan = { name: "plain", way: "plain", threads: own };
  const guess = own || (smallModel ? 1 : 0);
  const only = (plan: TorchPlan): TorchPlans => ({ plans: [plan], fallback: 0 });
  if (executionPlan === "plain") return only(plain);
  if (executionPlan !== "calibrated") {
    if (!freezable) {
      throw invalidArgument(
        `parameter 'EXECUTION_PLAN' must be plain or calibrated for PyTorch model '${model}', ` +
          `whose module cannot be frozen, got '${executionPlan}'`,
      );
    }
    return only(plan(executionPlan, guess));
  }
  const ways: readonly Way[] = freezable && optimizedExecution ? ["optimized", "frozen", "plain"] : ["plain"];
  const unmeasured = ways.includes("frozen")
    ? plan("frozen", guess)
    : guess === own
      ? plain
      : plan("plain", guess);
  if (kind !== "KIND_CPU" || !measurable) return only(unmeasured);

  // In order of promise, for time may run out.
  const threads = own > 0 ? [own] : smallModel ? [1, 0] : [0, 1];
  const others = ways.flatMap((way) => threads.map((count) => plan(way, count)));
  const plans = [plain, ...others.filter(({ way, threads }) => way !== "plain" || threads !== own)];
  return { plans, fallback: plans.findIndex(({ name }) => name === unmeasured.name) };
}

/** Any but `plain` itself. */
function plan(way: Way, threads: number): TorchPlan {
  if (way === "plain") return { name: "single-threaded", way, threads };
  return { name: threads === 1 ? way : `${way}-parallel`, way, threads };
}
