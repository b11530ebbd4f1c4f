import { withSignal } from "../async/with-signal.ts";
import type { Waiting } from "../oci/content.ts";

/**
 * Shares a piece of work among all who ask for it while it is under way, and remembers nothing afterwards. Whoever is
 * aborted stops waiting; the work goes on for the others.
 */
export class InFlight<K, V> {
  readonly #running = new Map<K, Promise<V>>();

  run(key: K, work: () => Promise<V>, { signal }: Waiting = {}): Promise<V> {
    let running = this.#running.get(key);
    if (running === undefined) {
      running = work().finally(() => this.#running.delete(key));
      // When all who waited are gone, nobody is left to hear of a failure.
      running.catch(() => {});
      this.#running.set(key, running);
    }
    return withSignal(running, signal);
  }
}
