import { loadDescriptor } from "./message-schema.js";
import type { ModelConfig } from "./model-config.js";
import { tensorFlowAccelerators } from "./tensorflow-accelerators.js";
import type { TensorFlowBackendOptions } from "./tensorflow-options.js";
import { type TensorFlowParameters, tensorFlowParameters } from "./tensorflow-parameters.js";

/** One way to run a TensorFlow model. */
export interface ExecutionPlan {
  readonly name: PlanName;
  /** `tensorflow.ConfigProto`, encoded. */
  readonly config: Uint8Array;
  /** `tensorflow.RunOptions`, encoded: the same for every run. */
  readonly runOptions: Uint8Array;
  /** Variables become constants. */
  readonly frozen: boolean;
  /** Operations may use several threads. */
  readonly threads: boolean;
}

/**
 * - `plain`: as TensorFlow does by itself, operations handed to its threads
 * - `caller-thread`: operations run on the instance's own thread unless several are ready
 * - `single-threaded`: TensorFlow's executor for one thread, without a queue; it refuses control flow of TensorFlow 1
 * - `frozen`: the same, with functions inlined and variables as constants
 */
type Way = "plain" | "caller-thread" | "single-threaded" | "frozen";

/** `-parallel`: a single operation may be split among threads, as it may in `plain`. */
export type PlanName = Way | `${Exclude<Way, "plain">}-parallel`;

/** The ways to try for the instances of one kind. */
export interface TensorFlowPlans {
  /** Just one: it is taken. Several: the engine measures, and the first is the measure. */
  readonly plans: readonly ExecutionPlan[];
  /** Index of the plan to take where nothing can be measured. */
  readonly fallback: number;
  /** `tensorflow.ConfigProto` of the session that a frozen graph is made from. */
  readonly freezingConfig: Uint8Array;
  readonly warnings: readonly string[];
}

export type Measurable = "nothing" | "in one session" | "in several sessions";

export interface SessionPlacement {
  readonly kind: "KIND_CPU" | "KIND_GPU" | "KIND_MODEL";
  /** One thread for each operation is best, as far as can be told without measuring. */
  readonly smallModel: boolean;
  /** What may be measured: nothing, the plans that one session can run, or all, each in a session of its own. */
  readonly measurable: Measurable;
  /** Whether its variables may be held several times more, as constants of a graph. */
  readonly freezable: boolean;
}

/** What distinguishes sessions; all else in their configuration is the model's. */
interface SessionOverrides {
  /** 0: as TensorFlow chooses. */
  readonly intraThreads: number;
  readonly singleThreadedExecutor?: boolean;
  readonly rewriteOptions?: Readonly<Record<string, unknown>>;
}

/**
 * The ways to run a TensorFlow model that its parameters leave open.
 *
 * `EXECUTION_PLAN` (`plain`, `caller-thread`) names one; `TF_NUM_INTER_THREADS` asks for TensorFlow's own; instances on
 * GPUs, models with XLA and those too large to be tried run on the calling thread, which for small models costs a tenth
 * of a hand-over to TensorFlow's threads. `TF_NUM_INTRA_THREADS` holds in every plan.
 *
 * @throws {ServingError} see `tensorFlowParameters` and `tensorFlowAccelerators`
 * @see Triton TensorFlow backend, "Model Configuration Options"; tensorflow/core/protobuf/config.proto
 */
export function tensorFlowPlans(
  config: ModelConfig,
  backend: TensorFlowBackendOptions,
  placement: SessionPlacement,
): TensorFlowPlans {
  const parameters = tensorFlowParameters(config);
  const accelerators = tensorFlowAccelerators(config, placement.kind);
  const session = sessionEncoder(config, backend, placement, parameters, accelerators.rewriteOptions);
  const make = (way: Way, intraThreads: number): ExecutionPlan => {
    const threads = intraThreads !== 1;
    return {
      name: way === "plain" || !threads ? way : `${way}-parallel`,
      config: session({
        intraThreads,
        singleThreadedExecutor: way === "single-threaded" || way === "frozen",
      }),
      runOptions: way === "plain" ? inTensorFlowsThreads : onCallersThread,
      frozen: way === "frozen",
      threads,
    };
  };
  const own = parameters.intraThreads;
  const plain = make("plain", own);
  const fallback = make("caller-thread", own || (placement.smallModel ? 1 : 0));
  const freezingConfig = session({ intraThreads: own, rewriteOptions: { optimizers: ["function"] } });
  const warnings = [...accelerators.warnings, ...threadWarnings(config, parameters)];
  const only = (plan: ExecutionPlan) => ({ plans: [plan], fallback: 0, freezingConfig, warnings });
  const chosen = parameters.interThreads > 0 ? "plain" : parameters.executionPlan;
  if (chosen === "plain") return only(plain);
  const isOpen = placement.kind === "KIND_CPU" && !jitLevel(config).startsWith("ON");
  if (chosen === "caller-thread" || !isOpen || placement.measurable === "nothing") return only(fallback);

  // The second needs no session of its own: its RunOptions alone are different. Then in order of promise, for time may
  // run out.
  const plans = [plain, make("caller-thread", own)];
  if (placement.measurable === "in several sessions") {
    const ways: readonly Way[] = placement.freezable ? ["single-threaded", "frozen"] : ["single-threaded"];
    plans.push(...ways.map((way) => make(way, own || 1)));
    if (own === 0) plans.push(make("caller-thread", 1), ...ways.map((way) => make(way, 0)));
  }
  return {
    plans,
    fallback: Math.max(
      1,
      plans.findIndex(({ name }) => name === fallback.name),
    ),
    freezingConfig,
    warnings,
  };
}

const onCallersThread = encode("tensorflow.RunOptions", { inter_op_thread_pool: -1 });
const inTensorFlowsThreads = encode("tensorflow.RunOptions", {});

function sessionEncoder(
  config: ModelConfig,
  backend: TensorFlowBackendOptions,
  { kind }: SessionPlacement,
  { interThreads, perSessionThreads }: TensorFlowParameters,
  modelRewriteOptions: Readonly<Record<string, unknown>>,
): (overrides: SessionOverrides) => Uint8Array {
  return ({ intraThreads, singleThreadedExecutor = false, rewriteOptions = {} }) =>
    encode("tensorflow.ConfigProto", {
      intra_op_parallelism_threads: intraThreads,
      inter_op_parallelism_threads: interThreads,
      use_per_session_threads: perSessionThreads,
      allow_soft_placement: backend.allowSoftPlacement,
      // A CPU instance must not take memory of a GPU that happens to be there.
      ...(kind === "KIND_CPU" ? { device_count: { GPU: 0 } } : {}),
      gpu_options: {
        per_process_gpu_memory_fraction: backend.gpuMemoryFraction,
        allow_growth: backend.gpuMemoryFraction === 0,
      },
      graph_options: {
        optimizer_options: { global_jit_level: jitLevel(config) },
        rewrite_options: { ...modelRewriteOptions, ...rewriteOptions },
      },
      ...(singleThreadedExecutor ? { experimental: { executor_type: "SINGLE_THREADED_EXECUTOR" } } : {}),
    });
}

/** `optimization.graph.level`: XLA off, as TensorFlow decides, on, on with more. */
function jitLevel({ optimization }: ModelConfig): "OFF" | "DEFAULT" | "ON_1" | "ON_2" {
  const level = optimization?.graph?.level ?? 0;
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
