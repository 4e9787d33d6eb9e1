import type { QueuedRequest, Scheduler } from "./scheduler.js";

/** Where a direct scheduler sends requests; an engine's model is one. */
export interface RequestSink<Request> {
  readonly instanceCount: number;
  /** By position in `shapes` of a request, where the engine describes them. */
  readonly inputs?: readonly { readonly ragged?: boolean }[];
  /** Requests given to `execute` that no instance has started, where the engine counts them. */
  readonly queuedCount?: number;
  /** @param instance which is to run it; undefined: whichever is free */
  execute(requests: readonly Request[], instance?: number): void;
  cancel(request: Request): boolean;
}

/**
 * Hands every request to the engine at once, by itself: an instance that becomes free takes the oldest.
 *
 * @see Triton "Default Scheduler"
 */
export class DirectScheduler<Request extends QueuedRequest> implements Scheduler<Request> {
  private readonly engine: RequestSink<Request>;
  private readonly inFlight: () => number;

  /** @param inFlight how many accepted requests are not settled: those beyond one per instance wait */
  constructor(engine: RequestSink<Request>, inFlight: () => number) {
    this.engine = engine;
    this.inFlight = inFlight;
  }

  get pendingCount(): number {
    return this.engine.queuedCount ?? Math.max(0, this.inFlight() - this.engine.instanceCount);
  }

  submit(request: Request): void {
    this.engine.execute([request]);
  }

  cancel(request: Request): boolean {
    return this.engine.cancel(request);
  }

  executionDone(): void {}

  refused(): void {}
}
