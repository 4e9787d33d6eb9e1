/**
 * Hands outcomes out in the order in which their requests arrived, whichever instance was faster.
 *
 * @see Triton `ModelDynamicBatching.preserve_ordering`
 */
export class ArrivalOrder<Request extends object> {
  private readonly waiting = new Map<Request, (() => void) | undefined>();

  arrived(request: Request): void {
    this.waiting.set(request, undefined);
  }

  /** The request was refused after all: nobody waits for it. */
  withdrawn(request: Request): void {
    this.waiting.delete(request);
    this.releaseOldest();
  }

  /** The request's outcome is there; `release` is called once all requests before it have theirs. */
  completed(request: Request, release: () => void): void {
    this.waiting.set(request, release);
    this.releaseOldest();
  }

  private releaseOldest(): void {
    for (const [request, release] of this.waiting) {
      if (release === undefined) return;
      this.waiting.delete(request);
      release();
    }
  }
}
