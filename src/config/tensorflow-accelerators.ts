import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";
import type { ModelConfig } from "./model-config.js";
import { parseLongInteger } from "./option-value.js";

/** What `optimization.execution_accelerators` means for a TensorFlow session. */
export interface TensorFlowAccelerators {
  /** Fields of `tensorflow.RewriterConfig`, to be `graph_options.rewrite_options`; empty where nothing is asked for. */
  readonly rewriteOptions: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

type Accelerator = { readonly name: string; readonly parameters: Readonly<Record<string, string>> };

/**
 * Reads a TensorFlow model's execution accelerators: `auto_mixed_precision` becomes an option of the graph's optimiser,
 * `gpu_io` is warned about, and `tensorrt` refused, for TensorFlow has no TensorRT since 2.18.
 *
 * @param kind of the instance
 * @throws {ServingError} INVALID_ARGUMENT, with the reference's texts, for a CPU accelerator, an unknown GPU accelerator or
 *   parameter, or two that exclude each other; UNIMPLEMENTED for `tensorrt`
 * @see Triton TensorFlow backend, "Optimization"
 */
export function tensorFlowAccelerators(
  config: ModelConfig,
  kind: "KIND_CPU" | "KIND_GPU" | "KIND_MODEL",
): TensorFlowAccelerators {
  const { cpuExecutionAccelerator = [], gpuExecutionAccelerator = [] } =
    config.optimization?.executionAccelerators ?? {};
  if (cpuExecutionAccelerator.length > 0) {
    throw invalidArgument("CPU Execution Accelerator is not supported in TensorFlow backend");
  }
  const names = gpuExecutionAccelerator.map(({ name }) => name);
  if (names.length === 0) return { rewriteOptions: {}, warnings: [] };
  if (kind === "KIND_CPU") {
    const warning = "GPU Execution Accelerator will be ignored for model instance on CPU";
    return { rewriteOptions: {}, warnings: [`model '${config.name}': ${warning} (${names.join(", ")})`] };
  }
  for (const accelerator of gpuExecutionAccelerator) checkAccelerator(accelerator);
  if (names.includes("tensorrt") && names.includes("auto_mixed_precision")) {
    throw invalidArgument("Auto mixed precision can not be set with TFTRT optimization");
  }
  if (names.includes("tensorrt")) {
    throw new ServingError(
      Code.UNIMPLEMENTED,
      `unable to load model '${config.name}': execution accelerator 'tensorrt' is not available in this TensorFlow, ` +
        "which has no TensorRT since version 2.18; expected auto_mixed_precision or none",
    );
  }
  return {
    rewriteOptions: names.includes("auto_mixed_precision") ? { auto_mixed_precision: "ON" } : {},
    warnings: names.includes("gpu_io")
      ? [
          `model '${config.name}': execution accelerator 'gpu_io' has no effect: inputs and outputs pass through the ` +
            "machine's memory",
        ]
      : [],
  };
}

function checkAccelerator({ name, parameters }: Accelerator): void {
  if (name === "gpu_io" || name === "auto_mixed_precision") return;
  if (name !== "tensorrt") throw invalidArgument(`unknown Execution Accelerator '${name}' is requested`);
  for (const [key, text] of Object.entries(parameters)) checkTensorRtParameter(key, text);
}

const tensorRtNumbers = ["minimum_segment_size", "max_workspace_size_bytes", "max_cached_engines"];

function checkTensorRtParameter(key: string, text: string): void {
  if (key === "precision_mode") {
    if (text === "FP32" || text === "FP16") return;
    throw invalidArgument(`unsupported precision mode '${text}' is requested`);
  }
  if (!tensorRtNumbers.includes(key)) {
    throw invalidArgument(`unknown parameter '${key}' is provided for TensorRT Execution Accelerator`);
  }
  parseLongInteger(text);
}
