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

/** When the phases of one execution happened, in milliseconds of one clock. */
export interface ExecutionPhases {
  readonly computeStart: number;
  readonly computeInputEnd: number;
  readonly computeOutputStart: number;
  readonly computeEnd: number;
  /** Total rows executed together. */
  readonly rows: number;
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
  /** Requests accepted and not yet started by an instance; the model that owns these statistics says how many. */
  countPending: () => number = none;
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

  // The durations of the execution recorded last: all its requests are credited with them.
  private phases: ExecutionPhases | undefined;
  private inputNs = 0;
  private inferNs = 0;
  private outputNs = 0;

  get pendingCount(): number {
    return this.countPending();
  }

  /** One execution, whether it failed or not. */
  executed(phases: ExecutionPhases): void {
    this.measure(phases);
    this.executionCount++;
    this.inferenceCount += phases.rows;
    let batch = this.batches.get(phases.rows);
    if (batch === undefined) {
      batch = {
        computeInput: new DurationCounter(),
        computeInfer: new DurationCounter(),
        computeOutput: new DurationCounter(),
      };
      this.batches.set(phases.rows, batch);
    }
    batch.computeInput.add(this.inputNs);
    batch.computeInfer.add(this.inferNs);
    batch.computeOutput.add(this.outputNs);
  }

  /**
   * One request answered by an execution, whose whole compute durations it is credited with.
   *
   * @param enqueued when it was accepted, `settled` when it was answered; milliseconds, on the clock of `phases`
   */
  succeeded(enqueued: number, phases: ExecutionPhases, settled: number): void {
    if (phases !== this.phases) this.measure(phases);
    this.success.add(nanoseconds(enqueued, settled));
    this.queue.add(nanoseconds(enqueued, phases.computeStart));
    this.computeInput.add(this.inputNs);
    this.computeInfer.add(this.inferNs);
    this.computeOutput.add(this.outputNs);
  }

  /** One request that was accepted and then failed; requests refused before they were queued are not counted. */
  failed(reason: FailureReason, enqueued: number, settled: number): void {
    this.failures[reason]++;
    this.fail.add(nanoseconds(enqueued, settled));
  }

  private measure(phases: ExecutionPhases): void {
    this.phases = phases;
    this.inputNs = nanoseconds(phases.computeStart, phases.computeInputEnd);
    this.inferNs = nanoseconds(phases.computeInputEnd, phases.computeOutputStart);
    this.outputNs = nanoseconds(phases.computeOutputStart, phases.computeEnd);
  }
}

/** Between two moments in milliseconds; 0 if a failed execution never reached the second. */
function nanoseconds(from: number, to: number): number {
  return to > from ? Math.round((to - from) * 1e6) : 0;
}

function none(): number {
  return 0;
}
