/** Calls `work` for each item in order, at most `size` at a time; the results keep the order. Rejects with the first error. */
export async function mapConcurrent<T, R>(
  items: readonly T[],
  size: number,
  work: (item: T, position: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const queue = items.entries();
  const worker = async () => {
    for (const [position, item] of queue) results[position] = await work(item, position);
  };
  await Promise.all(Array.from({ length: Math.min(size, items.length) }, worker));
  return results;
}

/** The same with at most `size` at a time of each group, so that a group that stands still stops no other. */
export async function mapConcurrentBy<T, R>(
  items: readonly T[],
  size: number,
  groupOf: (item: T) => string | undefined,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const groups = Map.groupBy(items.entries(), ([, item]) => groupOf(item));
  const workOn = async ([position, item]: readonly [number, T]) => {
    results[position] = await work(item);
  };
  await Promise.all([...groups.values()].map((group) => mapConcurrent(group, size, workOn)));
  return results;
}
