import { Counter, Gauge, type Registry } from "prom-client";
import type { ModelConfig } from "../config/model-config.js";
import type { FailureReason, ModelStatistics } from "../metrics/model-statistics.js";

/** What the metrics page reads of a model. */
export interface MeasuredModel {
  readonly name: string;
  readonly version: number;
  readonly config: Pick<ModelConfig, "metricTags">;
  readonly statistics: ModelStatistics;
}

interface ModelMetric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  value(statistics: ModelStatistics): number;
}

const failureReasons: readonly FailureReason[] = ["REJECTED", "CANCELED", "BACKEND", "OTHER"];

/** @see Triton "Metrics", "Inference Request Metrics" */
const modelMetrics: readonly ModelMetric[] = [
  {
    name: "nv_inference_request_success",
    help: "Number of successful inference requests, all batch sizes",
    type: "counter",
    value: ({ success }) => success.count,
  },
  {
    name: "nv_inference_count",
    help: "Number of inferences performed (does not include cached requests)",
    type: "counter",
    value: ({ inferenceCount }) => inferenceCount,
  },
  {
    name: "nv_inference_exec_count",
    help: "Number of model executions performed (does not include cached requests)",
    type: "counter",
    value: ({ executionCount }) => executionCount,
  },
  {
    name: "nv_inference_pending_request_count",
    help: "Instantaneous number of pending requests awaiting execution per-model.",
    type: "gauge",
    value: ({ pendingCount }) => pendingCount,
  },
  {
    name: "nv_inference_request_duration_us",
    help: "Cumulative inference request duration in microseconds (includes cached requests)",
    type: "counter",
    value: ({ success }) => wholeMicros(success.ns),
  },
  {
    name: "nv_inference_queue_duration_us",
    help: "Cumulative inference queuing duration in microseconds (includes cached requests)",
    type: "counter",
    value: ({ queue }) => wholeMicros(queue.ns),
  },
  {
    name: "nv_inference_compute_input_duration_us",
    help: "Cumulative compute input duration in microseconds (does not include cached requests)",
    type: "counter",
    value: ({ computeInput }) => wholeMicros(computeInput.ns),
  },
  {
    name: "nv_inference_compute_infer_duration_us",
    help: "Cumulative compute inference duration in microseconds (does not include cached requests)",
    type: "counter",
    value: ({ computeInfer }) => wholeMicros(computeInfer.ns),
  },
  {
    name: "nv_inference_compute_output_duration_us",
    help: "Cumulative inference compute output duration in microseconds (does not include cached requests)",
    type: "counter",
    value: ({ computeOutput }) => wholeMicros(computeOutput.ns),
  },
  {
    name: "nv_model_load_duration_secs",
    help: "Model load time in seconds",
    type: "gauge",
    value: ({ loadSeconds }) => loadSeconds,
  },
];

/** Registers what the models have counted so far. A page has a registry of its own: requests are not slowed by metrics. */
export function registerModelMetrics(registry: Registry, models: readonly MeasuredModel[]): void {
  const tags = [...new Set(models.flatMap((model) => Object.keys(model.config.metricTags)))];
  const labelNames = ["model", "version", ...tags.map((tag) => `_${tag}`)];
  registerFailures(registry, models, labelNames);
  for (const { name, help, type, value } of modelMetrics) {
    const registers = [registry];
    if (type === "counter") {
      const counter = new Counter({ name, help, labelNames, registers });
      for (const model of models) counter.inc(labelsOf(model), value(model.statistics));
    } else {
      const gauge = new Gauge({ name, help, labelNames, registers });
      for (const model of models) gauge.set(labelsOf(model), value(model.statistics));
    }
  }
}

function registerFailures(
  registry: Registry,
  models: readonly MeasuredModel[],
  labelNames: readonly string[],
): void {
  const failures = new Counter({
    name: "nv_inference_request_failure",
    help: "Number of failed inference requests, all batch sizes",
    labelNames: [...labelNames, "reason"],
    registers: [registry],
  });
  for (const model of models) {
    for (const reason of failureReasons) {
      failures.inc({ ...labelsOf(model), reason }, model.statistics.failures[reason]);
    }
  }
}

function labelsOf({ name, version, config }: MeasuredModel): Record<string, string> {
  const labels: Record<string, string> = { model: name, version: `${version}` };
  for (const [tag, value] of Object.entries(config.metricTags)) labels[`_${tag}`] = value;
  return labels;
}

function wholeMicros(ns: number): number {
  return Math.floor(ns / 1000);
}
