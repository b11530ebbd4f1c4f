import { hasCode, PromoterError } from "../error.ts";
import type { ContentWriter, Waiting } from "../oci/content.ts";
import type { RepositoryDescription } from "./api.ts";
import { overrideWriter } from "./content-writer.ts";
import type { EcrRegistryHost } from "./registry-host.ts";
import type { EcrRepositories } from "./repositories.ts";
import { isTagImmutable } from "./tag-mutability.ts";

export interface EcrWriterOptions {
  readonly host: EcrRegistryHost;
  readonly repositories: EcrRepositories;
}

/**
 * A repository of an ECR registry: knows which tags are immutable, whether the repository is there, and that only blobs
 * of committed manifests can be mounted. The public gallery is refused as a destination.
 */
export function ecrWriter(writer: ContentWriter, options: EcrWriterOptions): ContentWriter {
  const { host, repositories } = options;
  if (host.public) return refusePushes(writer);
  // Not being allowed to ask is no reason to fail: the registry itself answers when it comes to pushing.
  const ask = async <T>(
    waiting: Waiting | undefined,
    read: (found: RepositoryDescription | undefined) => T,
  ): Promise<T | undefined> => {
    try {
      return read(await repositories.describe(host, writer.repository, waiting));
    } catch (error) {
      if (hasCode(error, "Denied")) return undefined;
      throw error;
    }
  };
  return overrideWriter(writer, {
    mountableAfter: "manifest",
    isImmutable: (tag, waiting) =>
      ask(waiting, (found) => found !== undefined && isTagImmutable(found.mutability, tag)),
    exists: (waiting) => ask(waiting, (found) => found !== undefined),
  });
}

/** @returns the error of a promotion to the public gallery, for whoever checks routes before anything is asked. */
export function publicGalleryRefused(host: string): PromoterError {
  return new PromoterError(
    "Unsupported",
    `Cannot push to ${host}: the ECR public gallery is read anonymously here`,
    {
      side: "destination",
      hint: "Promote to a private registry, <account>.dkr.ecr.<region>.amazonaws.com; public.ecr.aws can be a source",
    },
  );
}

function refusePushes(writer: ContentWriter): ContentWriter {
  const refuse = async (): Promise<never> => {
    throw publicGalleryRefused(writer.host);
  };
  return overrideWriter(writer, {
    pushBlob: refuse,
    pushManifest: refuse,
    linkReferrers: refuse,
    hasBlob: refuse,
    exists: refuse,
  });
}
