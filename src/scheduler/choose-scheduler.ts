import type { ModelConfig } from "../config/model-config.js";
import { emptyDynamicBatching } from "../config/normalise.js";
import { systemClock } from "./clock.js";
import { CoalescingScheduler } from "./coalescing-scheduler.js";
import { DirectScheduler, type RequestSink } from "./direct-scheduler.js";
import { DynamicBatcher, type DynamicBatcherOptions } from "./dynamic-batcher.js";
import { type Instances, UnlimitedInstances } from "./instances.js";
import { queuePolicies } from "./queue-policy.js";
import { type ShapeAgreement, shapeAgreement } from "./same-shapes.js";
import type { QueuedRequest, Scheduler } from "./scheduler.js";

/**
 * The scheduler that a configuration asks for.
 *
 * @param engine to be loaded with {@link coalesceRows}
 * @param inFlight how many accepted requests are not settled
 * @param limited the engine's instances, where a rate limiter decides which may run
 */
export function chooseScheduler<Request extends QueuedRequest>(
  config: ModelConfig,
  engine: RequestSink<Request>,
  inFlight: () => number,
  limited?: Instances,
): Scheduler<Request> {
  const options = batcherOptions(config, shapeAgreement(engine.inputs));
  if (limited !== undefined) {
    return new DynamicBatcher(
      options,
      (batch, instance) => engine.execute(batch, instance),
      limited,
      systemClock,
    );
  }
  if (!options.merges) return new DirectScheduler(engine, inFlight);
  if (coalesceRows(config) > 0) {
    return new CoalescingScheduler(engine, config.maxBatchSize, inFlight, systemClock);
  }
  const instances = new UnlimitedInstances(engine.instanceCount);
  return new DynamicBatcher(options, (batch) => engine.execute(batch), instances, systemClock);
}

function batcherOptions(
  { dynamicBatching, maxBatchSize }: ModelConfig,
  agree: ShapeAgreement,
): DynamicBatcherOptions {
  const merges = dynamicBatching !== undefined && maxBatchSize > 0;
  const batching = merges ? dynamicBatching : emptyDynamicBatching();
  return {
    merges,
    agree,
    maxBatchSize,
    preferredBatchSizes: batching.preferredBatchSize,
    maxQueueDelayMicros: batching.maxQueueDelayMicroseconds,
    queuePolicies: queuePolicies(batching),
    defaultPriorityLevel: batching.defaultPriorityLevel,
  };
}

/**
 * How many rows an engine's instance may merge by itself: where the policy is just "take all that is queued when an
 * instance is free" (no delay, no preferred size but the largest, no priorities, timeouts, limits or ordering), the
 * instances' own queue forms the batches and JavaScript is not woken for it.
 *
 * @param isLimited whether a rate limiter decides when instances run: a batch is formed when one may
 * @returns the model's largest batch, or 0 where the scheduler decides
 */
export function coalesceRows({ dynamicBatching, maxBatchSize }: ModelConfig, isLimited = false): number {
  if (dynamicBatching === undefined || isLimited) return 0;
  const { maxQueueDelayMicroseconds, preferredBatchSize, preserveOrdering, priorityLevels } = dynamicBatching;
  if (maxQueueDelayMicroseconds > 0 || preserveOrdering || priorityLevels > 1) return 0;
  if (preferredBatchSize.some((size) => size !== maxBatchSize)) return 0;
  const limits = queuePolicies(dynamicBatching).some(
    (policy) => policy.maxQueueSize > 0 || policy.defaultTimeoutMicros > 0,
  );
  return limits ? 0 : maxBatchSize;
}
