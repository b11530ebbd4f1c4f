import type { Waiting } from "../oci/content.ts";
import { type Digest, isDigest } from "../oci/digest.ts";
import { littleBytes } from "../oci/little-bytes.ts";
import type { Target } from "../oci/reference.ts";
import type { RepositoryAccess } from "./repository-access.ts";
import { hasRepository } from "./tags.ts";

/** Milliseconds for which looking for content waits for that: about as long as it takes to open a connection. */
const patienceMs = 100;

/** Milliseconds for which that is believed: a process may live long, and others write as well. */
const believedMs = 60_000;

/**
 * What is known of a repository that is about to be written to: one that the registry does not know has nothing, and what
 * is small need not be looked for one by one. What somebody else, or an earlier run that was broken off, has put there
 * without a tag is sent again at worst.
 */
export class NewRepository {
  readonly #access: RepositoryAccess;
  readonly #pushed = new Set<Digest>();
  #askedAt = 0;
  #asking: Promise<void> = Promise.resolve();
  #state: "unknown" | "asked" | "new" | "used" = "unknown";

  constructor(access: RepositoryAccess) {
    this.#access = access;
  }

  /** Asks whether the registry knows the repository, once. Nobody hears of a failure. */
  look(options: Waiting): void {
    if (this.#state !== "unknown") return;
    this.#state = "asked";
    this.#askedAt = this.#access.clock.now();
    const asking = hasRepository(this.#access, options).then(
      (isKnown) => {
        // What has been tagged meanwhile is known.
        if (this.#state === "asked") this.#state = isKnown ? "used" : "new";
      },
      () => {
        this.#state = "used";
      },
    );
    this.#asking = Promise.race([asking, this.#access.clock.sleep(patienceMs)]);
  }

  /**
   * Whether something is certainly, or so small that it does not matter, not there. Waits a moment for what is being
   * asked: meanwhile there would hardly be a connection to look for content by, and a new repository spares all of that.
   */
  async lacks(digest: Digest, sizeBytes: number): Promise<boolean> {
    if (this.#state === "asked") await this.#asking;
    if (this.#state !== "new" || this.#access.clock.now() - this.#askedAt > believedMs) return false;
    return sizeBytes <= littleBytes && !this.#pushed.has(digest);
  }

  /** Takes note of a manifest that has been put there. */
  hasNow(digest: Digest, target: Target): void {
    this.#pushed.add(digest);
    if (!isDigest(target)) this.#state = "used";
  }
}
