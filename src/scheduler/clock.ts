/** Time as schedulers see it; tests bring their own. */
export interface Clock {
  /** Milliseconds since some moment, with a fraction. */
  now(): number;
  /** Calls `wake` once, no earlier than `afterMicros` microseconds from now and never before it returns. */
  alarm(afterMicros: number, wake: () => void): Alarm;
  /** Calls back when the event at hand has been handled, with all that it set off, before the next event. */
  soon(callback: () => void): void;
}

export interface Alarm {
  /** Does nothing if it has rung. */
  cancel(): void;
}

/** Node's timers count whole milliseconds and are often one late: what is due sooner is polled for. */
const pollBelowMs = 2;

/**
 * The process's monotonic clock (`performance.now()`). A queue delay of 100 µs is far below what a timer can do, so
 * the last two milliseconds of a wait are spent looking at the clock once per turn of the event loop (`setImmediate`):
 * sockets and completions are served in between, and the loop is never blocked, but it does not sleep either. Longer
 * waits sleep in a timer first.
 */
export const systemClock: Clock = {
  now: () => performance.now(),
  alarm: (afterMicros, wake) => new SystemAlarm(performance.now() + afterMicros / 1000, wake),
  soon: (callback) => process.nextTick(callback),
};

class SystemAlarm implements Alarm {
  private readonly due: number;
  private readonly wake: () => void;
  private timeout: NodeJS.Timeout | undefined;
  private immediate: NodeJS.Immediate | undefined;

  constructor(due: number, wake: () => void) {
    this.due = due;
    this.wake = wake;
    this.wait(due - performance.now());
  }

  cancel(): void {
    clearTimeout(this.timeout);
    clearImmediate(this.immediate);
  }

  private wait(leftMs: number): void {
    // A timer's longest time is 2^31 - 1 ms; what is left then is waited for again.
    if (leftMs >= pollBelowMs) this.timeout = setTimeout(() => this.look(), Math.min(leftMs - 1, 0x7fffffff));
    else this.immediate = setImmediate(() => this.look());
  }

  private look(): void {
    const leftMs = this.due - performance.now();
    if (leftMs > 0) this.wait(leftMs);
    else this.wake();
  }
}
