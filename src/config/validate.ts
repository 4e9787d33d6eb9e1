import { invalidArgument } from "../inference/serving-error.js";
import type { ModelConfig } from "./model-config.js";
import { validateBatchIo } from "./validate-batch-io.js";
import { validateDynamicBatching } from "./validate-dynamic-batching.js";
import { validateInstanceGroups } from "./validate-instance-groups.js";
import { validateSequenceControls } from "./validate-sequence-controls.js";
import { validateTensors } from "./validate-tensors.js";

/**
 * Checks a complete, normalised configuration in itself: its fields' ranges and how they fit together. Whether the
 * model agrees is the engines' business, whether Tandem can do what is asked {@link checkSupport}'s.
 *
 * @param gpus device ids that this machine has
 * @throws {ServingError} INVALID_ARGUMENT, with the reference's texts, for the first fault
 * @see Triton `model_config.proto`; core's validation of it
 */
export function validate(config: ModelConfig, gpus: readonly number[]): void {
  if (config.maxBatchSize < 0) {
    throw invalidArgument(`'max_batch_size' must be non-negative value for ${config.name}`);
  }
  validateTensors(config);
  validateSequenceControls(config);
  validateBatchIo(config);
  validateDynamicBatching(config);
  validateInstanceGroups(config, gpus);
  validateMetrics(config);
}

function validateMetrics({ modelMetrics }: ModelConfig): void {
  for (const { metricIdentifier, histogramOptions } of modelMetrics?.metricControl ?? []) {
    if (!metricIdentifier) throw invalidArgument("metric control must specify 'metric_identifier'");
    if (metricIdentifier.family === "") {
      throw invalidArgument("metric identifier must specify non-empty 'family'");
    }
    if (!histogramOptions) throw invalidArgument("metric control must specify 'histogram_options'");
    if (histogramOptions.buckets.length === 0) {
      throw invalidArgument("histogram options must specify non-empty 'buckets'");
    }
  }
}
