/** Work of which only so many run at the same time; the rest waits its turn, in order of arrival. */
export class ParallelLimit {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  /** @param limit at least 1 */
  constructor(limit: number) {
    this.free = limit;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free++;
      else next();
    }
  }
}
