import { invalidArgument } from "../inference/serving-error.js";

/** When queued requests become a batch. */
export interface DynamicBatching {
  readonly maxBatchSize: number;
  /** Ascending or not; empty: only `maxBatchSize` is preferred. */
  readonly preferredBatchSizes: readonly number[];
  /** How long the oldest request may wait for others; 0: not at all. */
  readonly maxQueueDelayMicros: number;
}

/** Run that many requests now, or look again after a while. */
export type NextBatch = { readonly count: number } | { readonly waitMicros: number };

/**
 * Chooses which queued requests form the next batch, once an instance is free. The caller owns the queue and the clock.
 *
 * A batch of exactly a preferred size runs at once, the largest such size first. Otherwise the oldest request waits up
 * to the queue delay, unless nothing is gained by it: there is no delay, the next request cannot join, or there is more
 * than any preferred size already. Then, and when the delay is over, everything runs that fits.
 *
 * @param sizes first dimension of each queued request, oldest first: `[n0, n1, ...]`, at least one
 * @param ageMicros how long the oldest has been queued, in microseconds
 * @param agreeing how many of them, from the oldest on, may share a batch by their shapes
 * @returns how many requests to run now, or how long to wait, in microseconds
 * @throws {ServingError} `INVALID_ARGUMENT` if the oldest request alone exceeds `maxBatchSize`
 * @see Triton model configuration, "Dynamic Batcher"
 */
export function nextBatch(
  sizes: readonly number[],
  ageMicros: number,
  batching: DynamicBatching,
  agreeing: number = sizes.length,
): NextBatch {
  const { maxBatchSize, preferredBatchSizes, maxQueueDelayMicros } = batching;
  let rows = 0;
  let count = 0;
  let preferred = 0;
  for (; count < agreeing; count++) {
    const larger = rows + (sizes[count] as number);
    if (larger > maxBatchSize) break;
    rows = larger;
    if (preferredBatchSizes.includes(rows)) preferred = count + 1;
  }
  if (count === 0) throw invalidArgument(`a batch of ${sizes[0]} exceeds the largest, ${maxBatchSize}`);

  const delayIsOver = maxQueueDelayMicros > 0 && ageMicros >= maxQueueDelayMicros;
  if (preferred > 0 && !delayIsOver) return { count: preferred };
  const canGrow = count === sizes.length && rows < largest(preferredBatchSizes, maxBatchSize);
  if (delayIsOver || maxQueueDelayMicros === 0 || !canGrow) return { count };
  return { waitMicros: maxQueueDelayMicros - ageMicros };
}

function largest(preferredBatchSizes: readonly number[], maxBatchSize: number): number {
  return preferredBatchSizes.length === 0 ? maxBatchSize : Math.max(...preferredBatchSizes);
}
