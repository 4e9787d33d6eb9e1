import type { ModelConfig } from "../config/model-config.js";
import { systemClock } from "./clock.js";
import { CoalescingScheduler } from "./coalescing-scheduler.js";
import { DirectScheduler, type RequestSink } from "./direct-scheduler.js";
import { DynamicBatcher } from "./dynamic-batcher.js";
import { queuePolicies } from "./queue-policy.js";
import type { QueuedRequest, Scheduler } from "./scheduler.js";

/**
 * The scheduler that a configuration asks for.
 *
 * @param engine to be loaded with {@link coalesceRows}
 * @param inFlight how many accepted requests are not settled
 */
export function chooseScheduler<Request extends QueuedRequest>(
  config: ModelConfig,
  engine: RequestSink<Request>,
  inFlight: () => number,
): Scheduler<Request> {
  const { dynamicBatching, maxBatchSize } = config;
  if (dynamicBatching === undefined || maxBatchSize === 0) return new DirectScheduler(engine, inFlight);
  if (coalesceRows(config) > 0) return new CoalescingScheduler(engine, maxBatchSize, inFlight, systemClock);
  const options = {
    maxBatchSize,
    preferredBatchSizes: dynamicBatching.preferredBatchSize,
    maxQueueDelayMicros: dynamicBatching.maxQueueDelayMicroseconds,
    instanceCount: engine.instanceCount,
    queuePolicies: queuePolicies(dynamicBatching),
    defaultPriorityLevel: dynamicBatching.defaultPriorityLevel,
  };
  return new DynamicBatcher(options, (batch) => engine.execute(batch), systemClock);
}

/**
 * How many rows an engine's instance may merge by itself: where the policy is just "take all that is queued when an
 * instance is free" (no delay, no preferred size but the largest, no priorities, timeouts, limits or ordering), the
 * instances' own queue forms the batches and JavaScript is not woken for it.
 *
 * @returns the model's largest batch, or 0 where the scheduler decides
 */
export function coalesceRows({ dynamicBatching, maxBatchSize }: ModelConfig): number {
  if (dynamicBatching === undefined) return 0;
  const { maxQueueDelayMicroseconds, preferredBatchSize, preserveOrdering, priorityLevels } = dynamicBatching;
  if (maxQueueDelayMicroseconds > 0 || preserveOrdering || priorityLevels > 1) return 0;
  if (preferredBatchSize.some((size) => size !== maxBatchSize)) return 0;
  const limits = queuePolicies(dynamicBatching).some(
    (policy) => policy.maxQueueSize > 0 || policy.defaultTimeoutMicros > 0,
  );
  return limits ? 0 : maxBatchSize;
}
