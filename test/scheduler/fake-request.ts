import type { ServingError } from "../../src/inference/serving-error.js";
import type { Shape } from "../../src/inference/shape.js";
import type { FailureReason } from "../../src/metrics/model-statistics.js";
import type { QueuedRequest } from "../../src/scheduler/scheduler.js";

interface FakeRequestOptions {
  readonly rows?: number;
  readonly shape?: Shape;
  readonly priority?: number;
  readonly timeoutMicros?: number;
  /** Milliseconds. */
  readonly enqueuedAt?: number;
}

/** A request as schedulers see it, called by its id. */
export class FakeRequest implements QueuedRequest {
  readonly id: string;
  readonly rows: number;
  readonly shapes: readonly Shape[];
  readonly priority: number;
  readonly timeoutMicros: number;
  readonly enqueuedAt: number;
  /** `REASON: message` once it has failed. */
  failure: string | undefined;

  constructor(id: string, options: FakeRequestOptions = {}) {
    this.id = id;
    this.rows = options.rows ?? 1;
    this.shapes = [options.shape ?? [this.rows, 2]];
    this.priority = options.priority ?? 0;
    this.timeoutMicros = options.timeoutMicros ?? 0;
    this.enqueuedAt = options.enqueuedAt ?? 0;
  }

  fail(reason: FailureReason, error: ServingError): void {
    this.failure = `${reason}: ${error.message}`;
  }
}
