import type { Clock } from "../async/clock.ts";
import type { Digest } from "../oci/digest.ts";

export interface KnownImagesOptions {
  readonly clock: Pick<Clock, "now">;
  /** Milliseconds for which an answer is believed: lifecycle policies remove images at any time. */
  readonly ttlMs: number;
  /** The most that are remembered; the oldest are forgotten first. */
  readonly most: number;
}

/** Images of which a registry has just said that it has them, by their names. That one is missing is never remembered. */
export class KnownImages {
  readonly #options: KnownImagesOptions;
  /** In the order in which they were learnt, so that the first is the first to expire. */
  readonly #learnt = new Map<string, { readonly digest: Digest; readonly until: number }>();

  constructor(options: KnownImagesOptions) {
    this.#options = options;
  }

  get size(): number {
    this.#clear();
    return this.#learnt.size;
  }

  /** What an image's name stands for; undefined when nobody has said so lately. */
  digestOf(name: string): Digest | undefined {
    const known = this.#learnt.get(name);
    return known !== undefined && known.until > this.#options.clock.now() ? known.digest : undefined;
  }

  learn(name: string, digest: Digest): void {
    const { clock, ttlMs } = this.#options;
    this.#learnt.delete(name);
    this.#learnt.set(name, { digest, until: clock.now() + ttlMs });
    this.#clear();
  }

  /** Forgets what is believed no more, and the oldest of what is too much. */
  #clear(): void {
    const { clock, most } = this.#options;
    const now = clock.now();
    for (const [oldest, { until }] of this.#learnt) {
      if (until > now && this.#learnt.size <= most) return;
      this.#learnt.delete(oldest);
    }
  }

  forget(name: string): void {
    this.#learnt.delete(name);
  }
}
