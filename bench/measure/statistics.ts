export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Median, smallest and largest of `a[i] / b[i]`: each round is compared with itself, since rounds differ more than variants. */
export function ratio(a: readonly number[], b: readonly number[]) {
  const ratios = a.map((value, round) => value / b[round]!);
  return { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) };
}
