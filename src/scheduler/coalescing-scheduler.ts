import type { Clock } from "./clock.js";
import type { RequestSink } from "./direct-scheduler.js";
import { type ShapeAgreement, shapeAgreement } from "./same-shapes.js";
import type { QueuedRequest, Scheduler } from "./scheduler.js";

/**
 * Schedules for an engine whose instances merge what is queued by themselves (`LoadOptions.coalesceRows`), so that
 * JavaScript is not woken to form a batch.
 *
 * Requests that arrive while one event is handled are handed over together, as batches already: an idle instance would
 * else start with the first alone, and the others would wait for it. If several instances are idle they share them
 * evenly; else one would do all the work, and by its answers set off the next requests together again.
 */
export class CoalescingScheduler<Request extends QueuedRequest> implements Scheduler<Request> {
  private readonly engine: RequestSink<Request>;
  private readonly maxBatchSize: number;
  private readonly inFlight: () => number;
  private readonly clock: Clock;
  private readonly agree: ShapeAgreement;
  private arrived: Request[] = [];

  /** @param inFlight how many accepted requests are not settled */
  constructor(engine: RequestSink<Request>, maxBatchSize: number, inFlight: () => number, clock: Clock) {
    this.engine = engine;
    this.maxBatchSize = maxBatchSize;
    this.inFlight = inFlight;
    this.clock = clock;
    this.agree = shapeAgreement(engine.inputs);
  }

  /** Without a count of the engine's own: all but one request for each instance, which is too many if it merged some. */
  get pendingCount(): number {
    const { queuedCount, instanceCount } = this.engine;
    if (queuedCount !== undefined) return this.arrived.length + queuedCount;
    return Math.max(0, this.inFlight() - instanceCount);
  }

  submit(request: Request): void {
    if (this.arrived.push(request) === 1) this.clock.soon(this.handOver);
  }

  cancel(request: Request): boolean {
    const index = this.arrived.indexOf(request);
    if (index < 0) return this.engine.cancel(request);
    this.arrived.splice(index, 1);
    return true;
  }

  executionDone(): void {}

  refused(): void {}

  private readonly handOver = (): void => {
    const { arrived } = this;
    this.arrived = [];
    const largest = this.batchSize(arrived);
    let batch: Request[] = [];
    let rows = 0;
    for (const request of arrived) {
      const first = batch[0];
      if (
        first !== undefined &&
        (rows + request.rows > largest || !this.agree(first.shapes, request.shapes))
      ) {
        this.engine.execute(batch);
        batch = [];
        rows = 0;
      }
      batch.push(request);
      rows += request.rows;
    }
    if (batch.length > 0) this.engine.execute(batch);
  };

  /** Rows for each batch, so that every instance that has nothing to do gets one. */
  private batchSize(arrived: readonly Request[]): number {
    const idle = this.engine.instanceCount - (this.inFlight() - arrived.length);
    if (idle <= 1) return this.maxBatchSize;
    let rows = 0;
    for (const request of arrived) rows += request.rows;
    return Math.min(this.maxBatchSize, Math.ceil(rows / idle));
  }
}
