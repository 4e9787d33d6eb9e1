import type { Alarm, Clock } from "../../src/scheduler/clock.js";

/** Time that stands still until a test moves it. */
export class FakeClock implements Clock {
  private time = 0;
  private readonly callbacks: (() => void)[] = [];
  private alarms: { due: number; wake: () => void }[] = [];

  /** Milliseconds. */
  now(): number {
    return this.time;
  }

  alarm(afterMicros: number, wake: () => void): Alarm {
    const alarm = { due: this.time + afterMicros / 1000, wake };
    this.alarms.push(alarm);
    return {
      cancel: () => {
        this.alarms = this.alarms.filter((other) => other !== alarm);
      },
    };
  }

  soon(callback: () => void): void {
    this.callbacks.push(callback);
  }

  /** The event at hand has been handled. */
  endEvent(): void {
    for (let callback = this.callbacks.shift(); callback !== undefined; callback = this.callbacks.shift()) {
      callback();
    }
  }

  /** Rings what is due on the way. */
  advance(micros: number): void {
    const end = this.time + micros / 1000;
    for (;;) {
      const next = this.alarms.filter(({ due }) => due <= end + 1e-9).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.alarms = this.alarms.filter((other) => other !== next);
      this.time = Math.max(this.time, next.due);
      next.wake();
      this.endEvent();
    }
    this.time = end;
  }
}
