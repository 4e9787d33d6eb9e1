/** A count of events and the time they took together, in nanoseconds. */
export class DurationCounter {
  count = 0;
  ns = 0;

  add(ns: number): void {
    this.count++;
    this.ns += ns;
  }
}

export type FailureReason = "REJECTED" | "CANCELED" | "BACKEND" | "OTHER";

export interface BatchStatistics {
  readonly computeInput: DurationCounter;
  readonly computeInfer: DurationCounter;
  readonly computeOutput: DurationCounter;
}

/**
 * What a model version has done since it was loaded, as plain numbers that protocols and metrics read.
 *
 * @see Triton "Statistics Extension"
 */
export class ModelStatistics {
  /** Milliseconds since the epoch of the last request; 0: none yet. */
  lastInference = 0;
  /** Sum of batch sizes executed. */
  inferenceCount = 0;
  executionCount = 0;
  /** Requests accepted and not yet started by an instance. */
  pendingCount = 0;
  readonly success = new DurationCounter();
  readonly fail = new DurationCounter();
  readonly queue = new DurationCounter();
  readonly computeInput = new DurationCounter();
  readonly computeInfer = new DurationCounter();
  readonly computeOutput = new DurationCounter();
  readonly cacheHit = new DurationCounter();
  readonly cacheMiss = new DurationCounter();
  readonly failures: Record<FailureReason, number> = { REJECTED: 0, CANCELED: 0, BACKEND: 0, OTHER: 0 };
  /** By total batch size executed. */
  readonly batches = new Map<number, BatchStatistics>();
  /** Seconds the last load took. */
  loadSeconds = 0;
}
