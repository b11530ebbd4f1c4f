import type { Clock } from "../async/clock.ts";
import { SingleFlight } from "../async/single-flight.ts";
import { TokenBucket } from "../async/token-bucket.ts";
import { hasCode } from "../error.ts";
import type { Digest } from "../oci/digest.ts";
import { formatReference, type Reference } from "../oci/reference.ts";
import { limited, type PromotionContext } from "../promotion/context.ts";
import { repositoryOf } from "../promotion/route.ts";
import type { Catalog, ListedTag } from "../replication/catalog.ts";
import { type Ask, type ImageFacts, readImageFacts } from "./image-facts.ts";

/** What an update asks registries. */
export interface TagRegistry {
  /** The tags of a repository; undefined when there is no such repository. */
  tags(repository: Reference): Promise<readonly ListedTag[] | undefined>;
  /** What a tag stands for; undefined when it, or its repository, is not there. */
  digest(repository: Reference, tag: string): Promise<Digest | undefined>;
  facts(repository: Reference, digest: Digest, platform?: string): Promise<ImageFacts>;
}

/** Most images whose facts are remembered: some megabytes. */
const mostFacts = 20_000;

/** What outlives a round of updates: facts by digest, which never change, and how fast registries may be asked. */
export class RegistryMemory {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #facts = new Map<string, ImageFacts>();

  /** @param options.perSecond requests to one registry in a second. */
  constructor(options: { readonly clock: Clock; readonly perSecond: number }) {
    this.#clock = options.clock;
    this.#perSecond = options.perSecond;
  }

  bucket(host: string): TokenBucket {
    const quota = { perSecond: this.#perSecond, burst: this.#perSecond };
    const bucket = this.#buckets.get(host) ?? new TokenBucket({ clock: this.#clock, quota });
    this.#buckets.set(host, bucket);
    return bucket;
  }

  facts(key: string): ImageFacts | undefined {
    return this.#facts.get(key);
  }

  remember(key: string, facts: ImageFacts): void {
    const [oldest] = this.#facts.keys();
    if (this.#facts.size >= mostFacts && oldest !== undefined) this.#facts.delete(oldest);
    this.#facts.set(key, facts);
  }
}

export interface TagRegistryOptions {
  readonly catalog: Pick<Catalog, "tags">;
  readonly context: PromotionContext;
  readonly memory: RegistryMemory;
}

/** The registries for one round of updates: whatever several applications ask is asked once. */
export function tagRegistry({ catalog, context, memory }: TagRegistryOptions): TagRegistry {
  const lists = new SingleFlight<string, readonly ListedTag[] | undefined>();
  const digests = new SingleFlight<string, Digest | undefined>();
  const facts = new SingleFlight<string, ImageFacts>();
  const asking =
    ({ host }: Reference): Ask =>
    (request) =>
      limited(context, "source", async (waiting) => {
        await memory.bucket(host).admit(waiting);
        return request(waiting);
      });
  return {
    tags: (repository) =>
      lists.run(repositoryOf(repository), () =>
        asking(repository)((waiting) => catalog.tags(repository, waiting)),
      ),
    digest: (repository, tag) =>
      digests.run(formatReference({ ...repository, tag }), async () => {
        const reader = context.repositories.source(repository);
        try {
          return (await asking(repository)((waiting) => reader.resolve(tag, waiting)))?.digest;
        } catch (error) {
          if (hasCode(error, "NameUnknown")) return undefined;
          throw error;
        }
      }),
    facts(repository, digest, platform = "") {
      const key = `${digest} ${platform}`;
      const known = memory.facts(key);
      if (known !== undefined) return Promise.resolve(known);
      return facts.run(key, async () => {
        const reader = context.repositories.source(repository);
        const found = await readImageFacts(reader, digest, asking(repository), platform || undefined);
        memory.remember(key, found);
        return found;
      });
    },
  };
}
