import { requestIdPrefix } from "../inference/request-id.js";
import { Code, ServingError } from "../inference/serving-error.js";
import type { Alarm, Clock } from "./clock.js";
import type { Instances } from "./instances.js";
import { type DynamicBatching, type NextBatch, nextBatch } from "./next-batch.js";
import { PriorityLevel } from "./priority-level.js";
import type { QueuePolicy } from "./queue-policy.js";
import { type ShapeAgreement, sameShapes } from "./same-shapes.js";
import type { QueuedRequest, Scheduler } from "./scheduler.js";

export interface DynamicBatcherOptions extends DynamicBatching {
  /** Whether requests share executions; if not, each is executed by itself, whatever its rows. */
  readonly merges: boolean;
  /** Which requests may share one by their shapes; default: {@link sameShapes}. */
  readonly agree?: ShapeAgreement;
  /** One for each priority level, the highest first: at least one. */
  readonly queuePolicies: readonly QueuePolicy[];
  /** The level of requests that name none, or one that is not there; 1 is the highest. */
  readonly defaultPriorityLevel: number;
}

/**
 * Queues requests and hands them to instances in batches, a batch at a time to each instance. While none may run the
 * queue grows, and the next batch is chosen only when one may: see {@link nextBatch} for which and when.
 *
 * Levels are served in order of priority, requests of a level in order of arrival. Those that arrive while one event is
 * handled are looked at together, once it has been: the first would else be executed alone, and the others wait for it.
 *
 * @see Triton "Dynamic Batcher"
 */
export class DynamicBatcher<Request extends QueuedRequest> implements Scheduler<Request> {
  private readonly options: DynamicBatcherOptions;
  private readonly execute: (batch: readonly Request[], instance: number) => void;
  private readonly instances: Instances;
  private readonly clock: Clock;
  private readonly levels: readonly PriorityLevel<Request>[];
  private queued = 0;
  private alarm: Alarm | undefined;
  private alarmAt = Number.POSITIVE_INFINITY;
  private isDispatchDue = false;
  /** Requests of the batch being handed over that the engine has refused. */
  private refusals = 0;

  /** @param execute is given a batch and the instance taken for it */
  constructor(
    options: DynamicBatcherOptions,
    execute: (batch: readonly Request[], instance: number) => void,
    instances: Instances,
    clock: Clock,
  ) {
    this.options = options;
    this.execute = execute;
    this.instances = instances;
    this.clock = clock;
    this.levels = options.queuePolicies.map((policy) => new PriorityLevel(policy));
    instances.onReady = () => this.dispatch();
  }

  get pendingCount(): number {
    return this.queued;
  }

  submit(request: Request): void {
    const level = this.levelOf(request);
    if (level.isFull) {
      throw new ServingError(Code.UNAVAILABLE, `${requestIdPrefix(request.id)}Exceeds maximum queue size`);
    }
    level.add(request);
    this.queued++;
    this.dispatchSoon();
  }

  /** A request that has been handed to an instance is not taken back: the instance was free and has started. */
  cancel(request: Request): boolean {
    if (!this.levels.some((level) => level.remove(request))) return false;
    this.queued--;
    this.dispatchSoon();
    return true;
  }

  executionDone(instance: number): void {
    this.instances.release(instance);
    this.dispatch();
  }

  refused(): void {
    this.refusals++;
  }

  private dispatchSoon(): void {
    if (this.isDispatchDue) return;
    this.isDispatchDue = true;
    this.clock.soon(this.dispatchNow);
  }

  private readonly dispatchNow = (): void => {
    this.isDispatchDue = false;
    this.dispatch();
  };

  /** Forms batches as long as one is due and an instance may run it, then sees to it that it is called again in time. */
  private dispatch(): void {
    const { instances } = this;
    const now = this.clock.now();
    this.expire(now);
    let wakeAt = Number.POSITIVE_INFINITY;
    let isWaiting = false;
    while (this.queued > 0 && instances.hasIdle) {
      const next = this.nextBatch(now);
      if ("waitMicros" in next) {
        wakeAt = now + next.waitMicros / 1000;
        break;
      }
      const instance = instances.take();
      if (instance === undefined) {
        isWaiting = true;
        break;
      }
      this.start(next.count, instance);
    }
    if (this.queued > 0) for (const level of this.levels) wakeAt = Math.min(wakeAt, level.nextDeadline);
    this.wakeAt(wakeAt, now);
    instances.settle(isWaiting);
  }

  private nextBatch(now: number): NextBatch {
    if (!this.options.merges) return { count: 1 };
    const sizes: number[] = [];
    const { agree = sameShapes } = this.options;
    let rows = 0;
    let agreeing = 0;
    let oldest = now;
    let first: Request | undefined;
    for (const level of this.levels) {
      for (let i = 0; i < level.length; i++) {
        const request = level.at(i);
        first ??= request;
        if (agreeing === sizes.length && agree(first.shapes, request.shapes)) agreeing++;
        oldest = Math.min(oldest, request.enqueuedAt);
        sizes.push(request.rows);
        rows += request.rows;
        // What lies beyond a full batch or a batch that ends here does not matter.
        if (rows > this.options.maxBatchSize || agreeing < sizes.length) {
          return nextBatch(sizes, (now - oldest) * 1000, this.options, agreeing);
        }
      }
    }
    return nextBatch(sizes, (now - oldest) * 1000, this.options, agreeing);
  }

  private start(count: number, instance: number): void {
    const batch: Request[] = [];
    for (const level of this.levels) {
      if (batch.length === count) break;
      for (const request of level.take(count - batch.length)) batch.push(request);
    }
    this.queued -= count;
    this.refusals = 0;
    this.execute(batch, instance);
    if (this.refusals === count) this.instances.release(instance);
  }

  private expire(now: number): void {
    for (const level of this.levels) {
      for (const request of level.expire(now)) {
        this.queued--;
        request.fail("REJECTED", new ServingError(Code.UNAVAILABLE, "Request timeout expired"));
      }
    }
  }

  private wakeAt(at: number, now: number): void {
    if (at === this.alarmAt) return;
    this.alarm?.cancel();
    this.alarmAt = at;
    this.alarm = at === Number.POSITIVE_INFINITY ? undefined : this.clock.alarm((at - now) * 1000, this.wake);
  }

  private readonly wake = (): void => {
    this.alarmAt = Number.POSITIVE_INFINITY;
    this.dispatch();
  };

  private levelOf({ priority }: Request): PriorityLevel<Request> {
    const { levels } = this;
    const named = priority >= 1 && priority <= levels.length ? priority : this.options.defaultPriorityLevel;
    return (levels[named - 1] ?? levels[0]) as PriorityLevel<Request>;
  }
}
