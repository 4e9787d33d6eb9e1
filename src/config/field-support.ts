import type { ModelConfig } from "./model-config.js";
import { frameworkBackend, pythonPlatform } from "./python-platform.js";

/**
 * What Tandem does with a field: acts on it; loads the model with a warning, because without the field
 * answers are the same and only speed, memory or placement differ; rejects the model, because answers would differ.
 */
export type Support = "acted on" | "warned" | "rejected";

/** One field of the configuration, as `.proto` names it, messages joined by dots. */
export interface FieldSupport {
  readonly field: string;
  readonly support: Support;
  /** Names of the parameters' keys or of the tensors that use the field, [""] if there is but one; empty if unused. */
  readonly uses: (config: ModelConfig) => readonly string[];
  /** Why, where the field is not acted on. */
  readonly reason?: string;
}

const always = (): readonly string[] => [""];
const when = (isUsed: boolean | undefined): readonly string[] => (isUsed ? [""] : []);

function acted(...fields: string[]): FieldSupport[] {
  return fields.map((field) => ({ field, support: "acted on", uses: always }));
}

function warned(field: string, reason: string, uses: FieldSupport["uses"]): FieldSupport {
  return { field, support: "warned", reason, uses };
}

function rejected(field: string, reason: string, uses: FieldSupport["uses"]): FieldSupport {
  return { field, support: "rejected", reason, uses };
}

function namesOf(tensors: readonly { readonly name: string }[]): readonly string[] {
  return tensors.map(({ name }) => name);
}

const groups = (isUsed: (group: ModelConfig["instanceGroup"][number]) => boolean) => (config: ModelConfig) =>
  namesOf(config.instanceGroup.filter(isUsed));

/** For a field that the TensorFlow backend judges itself, by what each instance is on. */
const unlessTensorFlow =
  (used: (config: ModelConfig) => readonly { readonly name: string }[]) => (config: ModelConfig) =>
    frameworkBackend(config) === "tensorflow" ? [] : namesOf(used(config));

/** Every field of `ModelConfig`, two levels deep where members differ. The documentation's table is compared with it. */
export const fieldSupport: readonly FieldSupport[] = [
  ...acted(
    "name",
    "platform",
    "backend",
    "version_policy",
    "max_batch_size",
    "input.name",
    "input.data_type",
    "input.format",
    "input.dims",
    "input.reshape",
    "input.allow_ragged_batch",
    "input.optional",
    "output.name",
    "output.data_type",
    "output.dims",
    "output.reshape",
    "output.label_filename",
    "batch_input",
    "batch_output",
    "instance_group.name",
    "instance_group.kind",
    "instance_group.count",
    "instance_group.gpus",
    "instance_group.passive",
    "instance_group.rate_limiter",
    "default_model_filename",
    "metric_tags",
    "parameters",
    "optimization.graph",
    "dynamic_batching",
    "model_operations.op_library_filename",
    "model_warmup",
  ),
  warned("cc_model_filenames", "every instance loads the default file", (config) =>
    Object.keys(config.ccModelFilenames),
  ),
  rejected("runtime", "there is none but PyTorch's 'model.py'", (config) =>
    when(config.runtime !== "" && (config.backend !== "pytorch" || pythonPlatform(config) === undefined)),
  ),
  rejected("input.is_shape_tensor", "it is TensorRT's", (config) =>
    namesOf(config.input.filter((input) => input.isShapeTensor)),
  ),
  rejected("input.is_non_linear_format_io", "it is TensorRT's", (config) =>
    namesOf(config.input.filter((input) => input.isNonLinearFormatIo)),
  ),
  rejected("output.is_shape_tensor", "it is TensorRT's", (config) =>
    namesOf(config.output.filter((output) => output.isShapeTensor)),
  ),
  rejected("output.is_non_linear_format_io", "it is TensorRT's", (config) =>
    namesOf(config.output.filter((output) => output.isNonLinearFormatIo)),
  ),
  rejected("sequence_batching", "the sequence scheduler is not implemented", (config) =>
    when(config.sequenceBatching !== undefined),
  ),
  rejected("ensemble_scheduling", "ensembles are not implemented", (config) =>
    when(config.ensembleScheduling !== undefined),
  ),
  rejected(
    "model_transaction_policy.decoupled",
    "these engines give one response to each request",
    (config) => when(config.modelTransactionPolicy?.decoupled),
  ),
  rejected("model_repository_agents", "repository agents are not implemented", (config) =>
    namesOf(config.modelRepositoryAgents?.agents ?? []),
  ),
  warned("response_cache.enable", "every request is computed", (config) =>
    when(config.responseCache?.enable),
  ),
  warned("model_metrics", "histograms have their usual buckets", (config) =>
    (config.modelMetrics?.metricControl ?? []).map(({ metricIdentifier }) => metricIdentifier?.family ?? ""),
  ),
  warned(
    "instance_group.secondary_devices",
    "there is no such device",
    groups(({ secondaryDevices }) => secondaryDevices.length > 0),
  ),
  rejected(
    "instance_group.profile",
    "it is TensorRT's",
    groups(({ profile }) => profile.length > 0),
  ),
  warned(
    "instance_group.host_policy",
    "instances run on any core",
    groups(({ hostPolicy }) => hostPolicy !== ""),
  ),
  warned("optimization.priority", "it is TensorRT's", (config) =>
    when((config.optimization?.priority ?? "PRIORITY_DEFAULT") !== "PRIORITY_DEFAULT"),
  ),
  warned("optimization.cuda", "it is TensorRT's", (config) => when(config.optimization?.cuda !== undefined)),
  warned(
    "optimization.execution_accelerators.gpu_execution_accelerator",
    "PyTorch has none; TensorFlow has auto_mixed_precision, on GPUs",
    unlessTensorFlow((config) => config.optimization?.executionAccelerators?.gpuExecutionAccelerator ?? []),
  ),
  rejected(
    "optimization.execution_accelerators.cpu_execution_accelerator",
    "neither engine has one",
    unlessTensorFlow((config) => config.optimization?.executionAccelerators?.cpuExecutionAccelerator ?? []),
  ),
  warned("optimization.input_pinned_memory", "inputs are not staged in pinned memory", (config) =>
    when(config.optimization?.inputPinnedMemory?.enable),
  ),
  warned("optimization.output_pinned_memory", "outputs are not staged in pinned memory", (config) =>
    when(config.optimization?.outputPinnedMemory?.enable),
  ),
  warned("optimization.gather_kernel_buffer_threshold", "it is TensorRT's", (config) =>
    when((config.optimization?.gatherKernelBufferThreshold ?? 0) > 0),
  ),
  warned("optimization.eager_batching", "it is TensorRT's", (config) =>
    when(config.optimization?.eagerBatching),
  ),
];
