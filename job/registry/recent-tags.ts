import { withSignal } from "../async/with-signal.ts";
import type { Waiting } from "../oci/content.ts";
import type { RepositoryAccess } from "./repository-access.ts";
import { listTagsAtOnce } from "./tags.ts";

/** Milliseconds for which a list serves: images of one repository are looked at one after the other. */
const recentMs = 5_000;

/** A repository's tags, as they were a moment ago: asked for once by all who look for single ones of them. */
export class RecentTags {
  readonly #access: RepositoryAccess;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asked: Promise<ReadonlySet<string> | undefined> = Promise.resolve(undefined);

  constructor(access: RepositoryAccess) {
    this.#access = access;
  }

  /** All tags; undefined where the registry does not tell them in one answer. */
  list({ signal }: Waiting = {}): Promise<ReadonlySet<string> | undefined> {
    const now = this.#access.clock.now();
    if (now - this.#askedAt >= recentMs) {
      this.#askedAt = now;
      // Not with the signal of one of those who ask: the others would go without.
      this.#asked = listTagsAtOnce(this.#access);
    }
    return withSignal(this.#asked, signal);
  }
}
