import { invalidArgument } from "../inference/serving-error.js";
import type { ModelConfig } from "./model-config.js";

/** Checks dynamic batching: see {@link validate}. */
export function validateDynamicBatching({ name, maxBatchSize, dynamicBatching }: ModelConfig): void {
  if (!dynamicBatching) return;
  const { preferredBatchSize, priorityLevels, defaultPriorityLevel, preserveOrdering } = dynamicBatching;
  for (const size of preferredBatchSize) {
    if (size <= 0) throw invalidArgument(`dynamic batching preferred size must be positive for ${name}`);
    if (size > maxBatchSize) {
      throw invalidArgument(`dynamic batching preferred size must be <= max batch size for ${name}`);
    }
  }
  const isLevel = (level: number) => level >= 1 && level <= priorityLevels;
  if (priorityLevels > 0 && !isLevel(defaultPriorityLevel)) {
    throw invalidArgument(`default priority level must be in range [1, ${priorityLevels}] for ${name}`);
  }
  const levels = Object.keys(dynamicBatching.priorityQueuePolicy).map(Number);
  if (!levels.every(isLevel)) {
    throw invalidArgument(
      `priority queue policy must have priority level in range [1, ${priorityLevels}] for ${name}`,
    );
  }
  if (!preserveOrdering) return;
  if (priorityLevels > 1) {
    throw invalidArgument(`Only one priority level is allowed when 'preserve_ordering' is true for ${name}`);
  }
  const policies = [
    dynamicBatching.defaultQueuePolicy,
    ...Object.values(dynamicBatching.priorityQueuePolicy),
  ];
  if (policies.some((policy) => policy?.timeoutAction === "DELAY")) {
    throw invalidArgument(
      `Queue policy can not have DELAY as timeout action when 'preserve_ordering' is true for ${name}`,
    );
  }
}
