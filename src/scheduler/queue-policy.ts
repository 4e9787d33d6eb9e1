import type { ModelDynamicBatching, ModelQueuePolicy } from "../config/model-config.js";

/** How one priority level's queue treats its requests. */
export interface QueuePolicy {
  /** 0: unlimited. */
  readonly maxQueueSize: number;
  /** Longest time in the queue; 0: no limit, and then a request cannot set one either. */
  readonly defaultTimeoutMicros: number;
  /** Whether a request may ask for a shorter time. */
  readonly allowTimeoutOverride: boolean;
  /** REJECT: the request fails when its time is over. DELAY: it is served after those whose time is not. */
  readonly timeoutAction: "REJECT" | "DELAY";
}

/** @returns the policy of each level, the highest priority's first: at least one */
export function queuePolicies(batching: ModelDynamicBatching): QueuePolicy[] {
  const levels = Math.max(1, batching.priorityLevels);
  return Array.from({ length: levels }, (_, index) =>
    queuePolicy(batching.priorityQueuePolicy[String(index + 1)] ?? batching.defaultQueuePolicy),
  );
}

function queuePolicy(policy: ModelQueuePolicy | undefined): QueuePolicy {
  return {
    maxQueueSize: policy?.maxQueueSize ?? 0,
    defaultTimeoutMicros: policy?.defaultTimeoutMicroseconds ?? 0,
    allowTimeoutOverride: policy?.allowTimeoutOverride ?? false,
    timeoutAction: policy?.timeoutAction ?? "REJECT",
  };
}

/**
 * How long a request may wait in a queue.
 *
 * @param requested the request's own wish, in microseconds; 0: none
 * @returns microseconds; Infinity: for ever
 */
export function timeoutMicros(policy: QueuePolicy, requested: number): number {
  const { defaultTimeoutMicros, allowTimeoutOverride } = policy;
  if (defaultTimeoutMicros === 0) return Number.POSITIVE_INFINITY;
  const overrides = allowTimeoutOverride && requested > 0 && requested < defaultTimeoutMicros;
  return overrides ? requested : defaultTimeoutMicros;
}
