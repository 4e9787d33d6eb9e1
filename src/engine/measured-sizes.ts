/** Large enough to show what a batch costs, small enough to be tried often. */
const LARGE_BATCH = 16;

/** The batch sizes by which ways to run a model are compared; none for a model without a batch dimension. */
export function measuredBatchSizes(maxBatchSize: number): number[] {
  if (maxBatchSize === 0) return [];
  return maxBatchSize === 1 ? [1] : [1, Math.min(maxBatchSize, LARGE_BATCH)];
}

/**
 * Instances beat threads for an operation where there are as many instances as processors; where there are fewer, threads
 * have to win by more than chance only.
 */
export const threadsGain = (instances: number, processors: number): number =>
  instances < processors ? 1.1 : 1.3;
