/** Durations counted in buckets that each span about 1.6 %: quantiles of millions of requests in a few kilobytes. */
export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  #total = 0;

  /** @param micros at most some 20 minutes */
  add(micros: number): void {
    this.#counts[bucketOf(micros)]! += 1;
    this.#total += 1;
  }

  get total(): number {
    return this.#total;
  }

  /** The smallest duration in microseconds, up to the bucket's width, that a share `q` of all does not exceed. */
  quantile(q: number): number {
    let left = Math.ceil(q * this.#total);
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#counts[bucket]!;
      if (left <= 0) return GROWTH ** (bucket + 0.5);
    }
    return Number.NaN;
  }
}

const BUCKETS = 1344;
const GROWTH = 2 ** (1 / 44);
const SCALE = 44;

function bucketOf(micros: number): number {
  return Math.min(BUCKETS - 1, Math.max(0, Math.floor(Math.log2(Math.max(micros, 1)) * SCALE)));
}
