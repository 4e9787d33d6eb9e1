/**
 * Runs `work` on every item, at most `limit` at a time, in order. Rejects with the first error; what runs then goes on.
 *
 * @param limit at least 1
 */
export async function boundedParallel<Item>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const remaining = items.values();
  const worker = async () => {
    for (const item of remaining) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
