import { hasCode, PromoterError } from "../error.ts";
import type { ContentReader, Waiting } from "../oci/content.ts";
import type { Target } from "../oci/reference.ts";
import type { EcrClients } from "./api.ts";
import { archivedImage } from "./archived-image.ts";
import type { EcrRegistryHost } from "./registry-host.ts";

export interface EcrReaderOptions {
  readonly host: EcrRegistryHost;
  readonly clients: EcrClients;
}

/**
 * A repository of an ECR registry that can tell an archived image, which cannot be pulled, from one that is not there:
 * the registry protocol hides both alike.
 */
export function ecrReader(reader: ContentReader, { host, clients }: EcrReaderOptions): ContentReader {
  if (host.public) return reader;
  return {
    host: reader.host,
    repository: reader.repository,
    // Its answers to a GET name no digest.
    prefersHead: true,
    ...(reader.prepare && { prepare: (requests) => reader.prepare?.(requests) }),
    async resolve(target, options) {
      const found = await reader.resolve(target, options);
      if (found === undefined) await refuseArchived(reader.repository, target, options);
      return found;
    },
    async fetchManifest(target, options) {
      try {
        const found = await reader.fetchManifest(target, options);
        if (found !== undefined) return found;
      } catch (error) {
        if (!hasCode(error, "ImageArchived")) throw error;
        // ECR's own API knows how to bring it back.
        await refuseArchived(reader.repository, target, options);
        throw error;
      }
      await refuseArchived(reader.repository, target, options);
      return undefined;
    },
    fetchBlob: (blob, options) => reader.fetchBlob(blob, options),
    referrers: (subject, options) => reader.referrers(subject, options),
  };

  async function refuseArchived(
    repository: string,
    target: Target,
    options: Waiting | undefined,
  ): Promise<void> {
    // Only tags and digests that people ask for are worth the question, not those that signatures might have.
    if (target.startsWith("sha256-")) return;
    const known = await describe(repository, target, options);
    const archived = known && archivedImage(host, { repository, target }, known);
    if (archived !== undefined) {
      throw new PromoterError("ImageArchived", archived.message, { hint: archived.hint });
    }
  }

  /** Whoever may not ask, or cannot, goes by what the registry says. */
  async function describe(repository: string, target: Target, options: Waiting | undefined) {
    try {
      const api = await clients.forHost(host);
      return await api.describeImage(repository, target, options);
    } catch (error) {
      options?.signal?.throwIfAborted();
      if (error instanceof PromoterError) return undefined;
      throw error;
    }
  }
}
