import { gathered } from "../async/gathered.ts";
import { mapConcurrent } from "../async/map-concurrent.ts";
import type { EcrApi, EcrClients, ImageDescription } from "../ecr/api.ts";
import { parseEcrHost } from "../ecr/registry-host.ts";
import { asPromoterError, hasCode, PromoterError } from "../error.ts";
import type { Waiting } from "../oci/content.ts";
import { type Digest, isDigest } from "../oci/digest.ts";
import type { Registry } from "../registry/registry.ts";
import type { RegistryRepository } from "../registry/repository.ts";
import type { Catalog, HeldImage, KeptImage, RepositoryName } from "../replication/catalog.ts";

export interface CatalogOptions {
  readonly clients: EcrClients;
  readonly open: (host: string) => Registry;
  /** Questions about single tags at the same time. */
  readonly concurrency: number;
}

/** The most that ECR removes at once. */
const removedAtOnce = 100;

/** The catalogs of all registries: by ECR's API where there is one, else by the registry's own lists. */
export function openCatalog(options: CatalogOptions): Catalog {
  const apiOf = async (host: string): Promise<EcrApi | undefined> => {
    const ecr = parseEcrHost(host);
    return ecr === undefined || ecr.public ? undefined : options.clients.forHost(ecr);
  };
  const plain = ({ host, repository }: RepositoryName) => options.open(host).repository(repository);
  return {
    async repositories(host, waiting) {
      const api = await apiOf(host);
      if (api === undefined) return gathered(options.open(host).repositories(waiting));
      const pages = await gathered(api.listRepositories(waiting));
      return pages.flat().map(({ name }) => name);
    },
    async tags(name, waiting) {
      const api = await apiOf(name.host);
      if (api === undefined) {
        const tags = await listTags(plain(name), waiting);
        return tags?.map((tag) => ({ tag }));
      }
      const images = await ecrImages(api, name.repository, waiting);
      return images
        ?.filter(({ status }) => status === "ACTIVE")
        .flatMap(({ tags, digest, pushedAt }) =>
          tags.map((tag) => ({
            tag,
            ...(isDigest(digest) && { digest }),
            ...(pushedAt !== undefined && { pushedAt }),
          })),
        );
    },
    async pushedAt({ host, repository }, target, waiting) {
      const api = await apiOf(host);
      return (await api?.describeImage(repository, target, waiting))?.pushedAt;
    },
    async images(name, waiting) {
      const api = await apiOf(name.host);
      if (api === undefined) return taggedImages(plain(name), options.concurrency, waiting);
      return (await ecrImages(api, name.repository, waiting))?.flatMap(heldImage);
    },
    async remove(name, digests, waiting) {
      const api = await apiOf(name.host);
      return api === undefined
        ? removePlain(plain(name), digests, waiting)
        : removeAtEcr(api, name.repository, digests, waiting);
    },
  };
}

async function ecrImages(
  api: EcrApi,
  repository: string,
  waiting: Waiting | undefined,
): Promise<readonly ImageDescription[] | undefined> {
  const images: ImageDescription[] = [];
  for await (const page of api.listImages(repository, waiting)) {
    if (page === undefined) return undefined;
    images.push(...page);
  }
  return images;
}

function heldImage({ digest, tags, mediaType = "", subject, status }: ImageDescription): HeldImage[] {
  if (!isDigest(digest)) return [];
  const attached = subject !== undefined && isDigest(subject) ? { subject } : {};
  return [{ digest, tags, mediaType, ...attached, archived: status !== "ACTIVE" }];
}

async function listTags(
  repository: RegistryRepository,
  waiting: Waiting | undefined,
): Promise<readonly string[] | undefined> {
  try {
    return await gathered(repository.tags(waiting));
  } catch (error) {
    if (hasCode(error, "NameUnknown")) return undefined;
    throw error;
  }
}

async function taggedImages(
  repository: RegistryRepository,
  concurrency: number,
  waiting: Waiting | undefined,
): Promise<readonly HeldImage[] | undefined> {
  const tags = await listTags(repository, waiting);
  if (tags === undefined) return undefined;
  const found = await mapConcurrent(tags, concurrency, async (tag) => {
    const descriptor = await repository.resolve(tag, waiting);
    return descriptor === undefined ? [] : [{ tag, ...descriptor }];
  });
  const byDigest = Map.groupBy(found.flat(), ({ digest }) => digest);
  return [...byDigest].map(([digest, same]) => ({
    digest,
    tags: same.map(({ tag }) => tag),
    mediaType: same[0]?.mediaType ?? "",
    archived: false,
  }));
}

async function removeAtEcr(
  api: EcrApi,
  repository: string,
  digests: readonly Digest[],
  waiting: Waiting | undefined,
): Promise<readonly KeptImage[]> {
  const kept: KeptImage[] = [];
  for (let start = 0; start < digests.length; start += removedAtOnce) {
    const batch = digests.slice(start, start + removedAtOnce);
    try {
      const failures = await api.deleteImages(repository, batch, waiting);
      const reasons = new Map(failures.map(({ digest, reason }) => [digest, reason]));
      kept.push(...batch.flatMap((digest) => keptFor(digest, reasons.get(digest))));
    } catch (error) {
      if (start === 0) throw error;
      // What batches before it removed is gone, whatever becomes of this one and those after it.
      const { message } = asPromoterError(error);
      return [...kept, ...digests.slice(start).flatMap((digest) => keptFor(digest, message))];
    }
  }
  return kept;
}

async function removePlain(
  repository: RegistryRepository,
  digests: readonly Digest[],
  waiting: Waiting | undefined,
): Promise<readonly KeptImage[]> {
  const kept: KeptImage[] = [];
  for (const digest of digests) {
    try {
      await repository.deleteManifest(digest, waiting);
    } catch (error) {
      waiting?.signal?.throwIfAborted();
      if (!(error instanceof PromoterError)) throw error;
      kept.push(...keptFor(digest, asPromoterError(error).message));
    }
  }
  return kept;
}

function keptFor(digest: Digest, reason: string | undefined): readonly KeptImage[] {
  return reason === undefined ? [] : [{ digest, reason }];
}
