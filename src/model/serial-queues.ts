/** Work by key: of one key one after the other, in order of arrival; of different keys at the same time. */
export class SerialQueues {
  /** The work that came last, by key; settled without an error. */
  private readonly tails = new Map<string, Promise<void>>();

  /** @returns the outcome of `work`, which begins when all earlier work of the same key has ended, well or not */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const outcome = (this.tails.get(key) ?? Promise.resolve()).then(work);
    const tail: Promise<void> = outcome.then(
      () => this.ended(key, tail),
      () => this.ended(key, tail),
    );
    this.tails.set(key, tail);
    return outcome;
  }

  /** Resolves when all work given so far has ended. */
  async idle(): Promise<void> {
    await Promise.all(this.tails.values());
  }

  private ended(key: string, tail: Promise<void>): void {
    if (this.tails.get(key) === tail) this.tails.delete(key);
  }
}
