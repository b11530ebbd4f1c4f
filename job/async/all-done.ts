/**
 * Waits until every piece of work has ended, then throws the first error, if there was one. Unlike `Promise.all` it
 * leaves nothing running behind the caller's back.
 */
export async function allDone<T extends readonly unknown[] | []>(
  work: T,
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  const results = await Promise.allSettled(work);
  for (const result of results) {
    if (result.status === "rejected") throw result.reason;
  }
  return Promise.all(work);
}
