import type { ServingError } from "../inference/serving-error.js";
import type { Shape } from "../inference/shape.js";
import type { FailureReason } from "../metrics/model-statistics.js";

/** What a scheduler knows of a request. */
export interface QueuedRequest {
  readonly id: string;
  /** Rows this request adds to a batch. */
  readonly rows: number;
  /** Shape of each input with the batch dimension, undefined where an optional input is absent. */
  readonly shapes: readonly (Shape | undefined)[];
  /** 1 is highest; 0: the default level. */
  readonly priority: number;
  /** Longest time in the queue, in microseconds; 0: the model's own. */
  readonly timeoutMicros: number;
  /** When it was accepted, in milliseconds of the scheduler's clock. */
  readonly enqueuedAt: number;
  /** Ends a request that was accepted and will not be executed. */
  fail(reason: FailureReason, error: ServingError): void;
}

/** Decides which requests are executed together, and when. One per model version. */
export interface Scheduler<Request extends QueuedRequest> {
  /** Accepted requests that no instance has started. */
  readonly pendingCount: number;
  /**
   * Accepts a request, to be handed to an instance now or later.
   * @throws {ServingError} `UNAVAILABLE` if its queue is full; the request is then not accepted
   */
  submit(request: Request): void;
  /** Takes a request back; true if it had not been started, and it will not be executed. */
  cancel(request: Request): boolean;
  /** To be called once after each execution, before its requests are settled, with the instance that ran it. */
  executionDone(instance: number): void;
  /** To be called for each request that the engine refuses while it is handed over: it will not be executed. */
  refused(): void;
}
