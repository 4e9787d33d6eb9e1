const WINDOW_MILLIS = 60_000;
const FIRST_WAIT_MILLIS = 100;
const LONGEST_WAIT_MILLIS = 5000;

/** How soon something that has ended is started again, and when no more: each time after twice the wait. */
export class RestartLimit {
  private readonly most: number;
  private restarts: number[] = [];

  /** @param most restarts within a minute */
  constructor(most: number) {
    this.most = most;
  }

  /**
   * @param now milliseconds
   * @returns how long to wait before the next start, in milliseconds; undefined: it has been often enough
   */
  next(now: number): number | undefined {
    this.restarts = this.restarts.filter((time) => now - time < WINDOW_MILLIS);
    if (this.restarts.length >= this.most) return undefined;
    const wait = Math.min(FIRST_WAIT_MILLIS * 2 ** this.restarts.length, LONGEST_WAIT_MILLIS);
    this.restarts.push(now);
    return wait;
  }
}
