import type { Clock } from "../async/clock.ts";
import { retry } from "../async/retry.ts";
import { hasCode } from "../error.ts";
import type { ContentWriter, Waiting } from "../oci/content.ts";
import { overrideWriter } from "./content-writer.ts";
import type { EcrRegistryHost } from "./registry-host.ts";
import type { EcrRepositories } from "./repositories.ts";
import type { RepositorySettings } from "./repository-settings.ts";

export interface CreateMissingRepositoriesOptions {
  readonly host: EcrRegistryHost;
  readonly repositories: EcrRepositories;
  readonly settings: RepositorySettings;
  readonly clock: Clock;
}

/** A repository that was just made may not be known everywhere at once. */
const patience = { attempts: 5, baseMs: 200, maxMs: 2_000 };

/**
 * A writer whose repository is made when a push meets that it is missing. Until then it reads as a repository in which
 * nothing is.
 */
export function createMissingRepositories(
  writer: ContentWriter,
  options: CreateMissingRepositoriesOptions,
): ContentWriter {
  const { host, repositories, settings, clock } = options;

  async function pushing<T>(push: () => Promise<T>, waiting: Waiting | undefined): Promise<T> {
    try {
      return await push();
    } catch (error) {
      if (!hasCode(error, "NameUnknown")) throw error;
      await repositories.create(host, writer.repository, settings, waiting);
      const retryable = (again: unknown) => hasCode(again, "NameUnknown");
      return await retry(push, { ...patience, clock, retryable, ...waiting });
    }
  }

  return overrideWriter(writer, {
    resolve: (target, waiting) => unlessMissing(() => writer.resolve(target, waiting), undefined),
    fetchManifest: (target, waiting) => unlessMissing(() => writer.fetchManifest(target, waiting), undefined),
    hasBlob: (blob, waiting) => unlessMissing(() => writer.hasBlob(blob, waiting), false),
    pushBlob: (blob, open, waiting) => pushing(() => writer.pushBlob(blob, open, waiting), waiting),
    pushManifest: (manifest, target, waiting) =>
      pushing(() => writer.pushManifest(manifest, target, waiting), waiting),
    linkReferrers: (subject, referrers, waiting) =>
      pushing(() => writer.linkReferrers(subject, referrers, waiting), waiting),
  });
}

async function unlessMissing<T>(read: () => Promise<T>, nothing: T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (hasCode(error, "NameUnknown")) return nothing;
    throw error;
  }
}
