import { type QueuePolicy, timeoutMicros } from "./queue-policy.js";
import type { QueuedRequest } from "./scheduler.js";

/** The queue of one priority level: requests in order of arrival, behind them those whose time is over (DELAY). */
export class PriorityLevel<Request extends QueuedRequest> {
  readonly policy: QueuePolicy;
  /** No request's time is over before then, in milliseconds; Infinity: never. May be too early, never too late. */
  nextDeadline = Number.POSITIVE_INFINITY;

  private waiting: Request[] = [];
  private delayed: Request[] = [];

  constructor(policy: QueuePolicy) {
    this.policy = policy;
  }

  get length(): number {
    return this.waiting.length + this.delayed.length;
  }

  get isFull(): boolean {
    return this.policy.maxQueueSize > 0 && this.length >= this.policy.maxQueueSize;
  }

  /** @param index below `length`; 0 is served next */
  at(index: number): Request {
    const { waiting, delayed } = this;
    return (index < waiting.length ? waiting[index] : delayed[index - waiting.length]) as Request;
  }

  add(request: Request): void {
    this.waiting.push(request);
    this.nextDeadline = Math.min(this.nextDeadline, this.deadline(request));
  }

  /** Takes out the `count` requests to be served next. */
  take(count: number): Request[] {
    const taken = this.waiting.splice(0, count);
    if (taken.length < count) taken.push(...this.delayed.splice(0, count - taken.length));
    return taken;
  }

  /** @returns whether the request was here */
  remove(request: Request): boolean {
    return removeFrom(this.waiting, request) || removeFrom(this.delayed, request);
  }

  /** Takes the requests whose time is over out of the order of arrival; those to be rejected are returned. */
  expire(now: number): Request[] {
    if (now < this.nextDeadline) return [];
    const expired: Request[] = [];
    const inTime: Request[] = [];
    this.nextDeadline = Number.POSITIVE_INFINITY;
    for (const request of this.waiting) {
      const deadline = this.deadline(request);
      (deadline <= now ? expired : inTime).push(request);
      if (deadline > now) this.nextDeadline = Math.min(this.nextDeadline, deadline);
    }
    this.waiting = inTime;
    if (this.policy.timeoutAction === "REJECT") return expired;
    this.delayed.push(...expired);
    return [];
  }

  private deadline(request: Request): number {
    return request.enqueuedAt + timeoutMicros(this.policy, request.timeoutMicros) / 1000;
  }
}

function removeFrom<T>(list: T[], item: T): boolean {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
  return index >= 0;
}
