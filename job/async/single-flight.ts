/** Does a piece of work once per key while it succeeds: later callers share the result; a failure is forgotten. */
export class SingleFlight<K, V> {
  readonly #results = new Map<K, Promise<V>>();

  run(key: K, work: () => Promise<V>): Promise<V> {
    const known = this.#results.get(key);
    if (known !== undefined) return known;
    const result = work();
    this.#results.set(key, result);
    result.catch(() => {
      if (this.#results.get(key) === result) this.#results.delete(key);
    });
    return result;
  }

  /** Forgets what is known of `key`, so that the next caller does the work again. */
  forget(key: K): void {
    this.#results.delete(key);
  }
}
