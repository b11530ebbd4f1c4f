/**
 * Waits until every piece of work has ended, then throws the first error, if there was one. Unlike `Promise.all` it
 * leaves nothing running behind the caller's back.
 */
export async function allDone<T>(work: Iterable<Promise<T>>): Promise<T[]> {
  const results = await Promise.allSettled(work);
  return results.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
}
