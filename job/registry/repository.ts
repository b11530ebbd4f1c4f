import type { ByteStream, ContentWriter, PushBlobOptions, Waiting } from "../oci/content.ts";
import { type Descriptor, isObject } from "../oci/descriptor.ts";
import { type Digest, isDigest } from "../oci/digest.ts";
import type { Manifest } from "../oci/manifest.ts";
import type { Target } from "../oci/reference.ts";
import { pushBlob } from "./blob-upload.ts";
import { fetchBlob, hasBlob } from "./blobs.ts";
import { deleteManifest } from "./delete-manifest.ts";
import { linkReferrers } from "./link-referrers.ts";
import { fetchManifest, pushManifest, resolveManifest } from "./manifests.ts";
import { NewRepository } from "./new-repository.ts";
import { RecentTags } from "./recent-tags.ts";
import { listReferrers } from "./referrers.ts";
import type { ReferrersApi } from "./referrers-api.ts";
import type { RepositoryAccess } from "./repository-access.ts";
import { listTags } from "./tags.ts";
import { tryUpload } from "./try-upload.ts";

/** A repository of a registry, with what only registries can tell. */
export interface RegistryRepository extends ContentWriter {
  /** @throws {PromoterError} `NameUnknown` when there is no such repository. */
  tags(options?: Waiting): AsyncIterable<string>;
  /** Removes a manifest with all of its tags. @throws {PromoterError} `Unsupported` where nothing can be removed. */
  deleteManifest(digest: Digest, options?: Waiting): Promise<void>;
}

export interface RepositoryOptions {
  readonly access: RepositoryAccess;
  /** What is known of the registry's referrers API, shared by its repositories. */
  readonly referrersApi: ReferrersApi;
  readonly mountableAfter: "upload" | "manifest";
  readonly uploadChunkBytes: number;
  /** Whether a list of its tags tells if there is such a repository, to whoever may push to it. */
  readonly tellsTags: boolean;
}

/**
 * Docker Hub, under the names that references have for it.
 * {@link https://docs.docker.com/docker-hub/usage/pulls/}
 */
const countingHosts: ReadonlySet<string> = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);

/** Opens a repository; asks nothing yet. */
export function openRepository(options: RepositoryOptions): RegistryRepository {
  return new HttpRepository(options);
}

class HttpRepository implements RegistryRepository {
  readonly host: string;
  readonly repository: string;
  readonly prefersHead: boolean;
  readonly mountableAfter: "upload" | "manifest";
  readonly #access: RepositoryAccess;
  readonly #referrersApi: ReferrersApi;
  readonly #chunkBytes: number;
  readonly #unacknowledged = new Set<Digest>();
  readonly #new: NewRepository | undefined;
  readonly #tags: RecentTags | undefined;

  constructor({ access, referrersApi, mountableAfter, uploadChunkBytes, tellsTags }: RepositoryOptions) {
    this.host = access.host;
    this.repository = access.repository;
    this.prefersHead = countingHosts.has(access.host);
    this.mountableAfter = mountableAfter;
    this.#access = access;
    this.#referrersApi = referrersApi;
    this.#chunkBytes = uploadChunkBytes;
    this.#new = tellsTags ? new NewRepository(access) : undefined;
    this.#tags = tellsTags ? new RecentTags(access) : undefined;
  }

  prepare(requests: number): void {
    this.#access.prepare(requests);
  }

  expectImage(options: Waiting = {}): void {
    this.#new?.look(options);
  }

  async resolve(target: Target, options?: Waiting): Promise<Descriptor | undefined> {
    if (isDigest(target) && (await this.#new?.lacks(target, 0)) === true) return undefined;
    return resolveManifest(this.#access, target, options);
  }

  fetchManifest(target: Target, options?: Waiting): Promise<Manifest | undefined> {
    return fetchManifest(this.#access, target, options);
  }

  fetchBlob(blob: Descriptor, options?: Waiting): Promise<ByteStream> {
    return fetchBlob(this.#access, blob, options);
  }

  async allTags(options?: Waiting): Promise<ReadonlySet<string> | undefined> {
    return this.#tags?.list(options);
  }

  referrers(subject: Digest, options?: Waiting): AsyncIterable<Descriptor> {
    return listReferrers(this.#access, this.#referrersApi, subject, {
      ...options,
      tags: async () => this.#tags?.list(options),
    });
  }

  async hasBlob(blob: Descriptor, options?: Waiting): Promise<boolean> {
    if ((await this.#new?.lacks(blob.digest, blob.size)) === true) return false;
    return hasBlob(this.#access, blob, options);
  }

  pushBlob(
    blob: Descriptor,
    open: () => Promise<ByteStream>,
    options: PushBlobOptions = {},
  ): Promise<"mounted" | "present" | "sent"> {
    return pushBlob(this.#access, blob, open, { ...options, chunkBytes: this.#chunkBytes });
  }

  async pushManifest(manifest: Manifest, target: Target, options?: Waiting): Promise<void> {
    const { subjectAcknowledged } = await pushManifest(this.#access, manifest, target, options);
    this.#new?.hasNow(manifest.descriptor.digest, target);
    if (!subjectAcknowledged && namesSubject(manifest)) {
      this.#unacknowledged.add(manifest.descriptor.digest);
    }
  }

  linkReferrers(subject: Digest, referrers: readonly Descriptor[], options: Waiting = {}): Promise<void> {
    const known = { api: this.#referrersApi, unacknowledged: this.#unacknowledged };
    return linkReferrers(this.#access, subject, referrers, { ...options, ...known });
  }

  tags(options?: Waiting): AsyncIterable<string> {
    return listTags(this.#access, options);
  }

  deleteManifest(digest: Digest, options?: Waiting): Promise<void> {
    return deleteManifest(this.#access, digest, options);
  }

  tryUpload(options?: Waiting): Promise<void> {
    return tryUpload(this.#access, options);
  }
}

/** A manifest that was pushed is not judged any more: what cannot be read names nothing. */
function namesSubject({ bytes }: Manifest): boolean {
  try {
    const document: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(document) && isObject(document.subject);
  } catch {
    return false;
  }
}
