import { PromoterError } from "../../job/error.ts";
import type { ByteStream, ContentWriter, PushBlobOptions } from "../../job/oci/content.ts";
import type { Descriptor } from "../../job/oci/descriptor.ts";
import { type Digest, digestOf, isDigest } from "../../job/oci/digest.ts";
import { type Manifest, readManifest } from "../../job/oci/manifest.ts";
import type { Target } from "../../job/oci/reference.ts";
import { verified } from "../../job/oci/verified.ts";

export interface MemoryOptions {
  readonly mountableAfter?: "upload" | "manifest";
  /** Whether another repository's blobs can be mounted. Default true. */
  readonly mounts?: boolean;
  readonly immutableTags?: boolean;
  readonly repositoriesMustExist?: boolean;
  readonly prefersHead?: boolean;
}

export interface Call {
  readonly verb: string;
  readonly repository: string;
  readonly target: string;
}

/** A registry in memory that refuses whatever is incomplete, and remembers what it was asked. */
export class MemoryRegistry {
  readonly host: string;
  readonly options: MemoryOptions;
  readonly calls: Call[] = [];
  /** Called before each request; what it throws is the registry's answer. */
  fault: ((call: Call) => void | Promise<void>) | undefined;
  readonly #repositories = new Map<string, MemoryRepository>();

  constructor(host: string, options: MemoryOptions = {}) {
    this.host = host;
    this.options = options;
  }

  repository(name: string): MemoryRepository {
    const known = this.#repositories.get(name) ?? new MemoryRepository(this, name);
    this.#repositories.set(name, known);
    return known;
  }

  count(verb: string): number {
    return this.calls.filter((call) => call.verb === verb).length;
  }
}

export class MemoryRepository implements ContentWriter {
  readonly host: string;
  readonly repository: string;
  readonly mountableAfter: "upload" | "manifest";
  readonly prefersHead: boolean;
  readonly manifests = new Map<Digest, Manifest>();
  readonly blobs = new Map<Digest, Uint8Array>();
  readonly tags = new Map<string, Digest>();
  readonly linked = new Map<Digest, Descriptor[]>();
  /** Manifests that HEAD tells of and that are not there: what an interrupted push may leave behind. */
  readonly phantoms = new Set<Digest>();
  readonly #registry: MemoryRegistry;

  constructor(registry: MemoryRegistry, name: string) {
    this.prefersHead = registry.options.prefersHead ?? false;
    this.#registry = registry;
    this.host = registry.host;
    this.repository = name;
    this.mountableAfter = registry.options.mountableAfter ?? "upload";
  }

  async resolve(target: Target): Promise<Descriptor | undefined> {
    await this.#called("resolve", target);
    return this.#find(target)?.descriptor ?? this.#phantom(target);
  }

  async fetchManifest(target: Target): Promise<Manifest | undefined> {
    await this.#called("fetchManifest", target);
    return this.#find(target);
  }

  async fetchBlob(blob: Descriptor): Promise<ByteStream> {
    await this.#called("fetchBlob", blob.digest);
    const bytes = this.blobs.get(blob.digest);
    if (bytes === undefined) throw new PromoterError("BlobUnknown", `No blob ${blob.digest}`);
    return (async function* () {
      for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
    })();
  }

  async *referrers(subject: Digest): AsyncIterable<Descriptor> {
    await this.#called("referrers", subject);
    for (const manifest of this.manifests.values()) {
      const content = readManifest(manifest);
      if (content.subject?.digest === subject) {
        yield { ...manifest.descriptor, ...(content.artifactType && { artifactType: content.artifactType }) };
      }
    }
  }

  async hasBlob(blob: Descriptor): Promise<boolean> {
    await this.#called("hasBlob", blob.digest);
    return this.blobs.has(blob.digest);
  }

  async pushBlob(blob: Descriptor, open: () => Promise<ByteStream>, options: PushBlobOptions = {}) {
    await this.#called("pushBlob", blob.digest);
    if (options.mountFrom !== undefined && this.#mount(blob.digest, options.mountFrom)) return "mounted";
    const chunks: Uint8Array[] = [];
    for await (const chunk of verified(await open(), blob)) {
      chunks.push(chunk);
      options.onBytes?.(chunk.length);
    }
    this.blobs.set(blob.digest, Buffer.concat(chunks));
    return "sent";
  }

  async pushManifest(manifest: Manifest, target: Target): Promise<void> {
    await this.#called("pushManifest", target);
    if (digestOf(manifest.bytes) !== manifest.descriptor.digest) throw new Error("bytes do not match");
    const content = readManifest(manifest);
    const missing = [
      ...content.blobs.filter(({ digest }) => !this.blobs.has(digest)),
      ...content.manifests.filter(({ digest }) => !this.manifests.has(digest) && !this.blobs.has(digest)),
    ];
    if (missing.length > 0) throw new PromoterError("ManifestBlobUnknown", `Missing ${missing[0]?.digest}`);
    if (!isDigest(target)) {
      if (this.#registry.options.immutableTags && this.tags.has(target))
        throw new PromoterError("TagImmutable", target);
      this.tags.set(target, manifest.descriptor.digest);
    }
    this.manifests.set(manifest.descriptor.digest, manifest);
    this.phantoms.delete(manifest.descriptor.digest);
  }

  async linkReferrers(subject: Digest, referrers: readonly Descriptor[]): Promise<void> {
    await this.#called("linkReferrers", subject);
    this.linked.set(subject, [...(this.linked.get(subject) ?? []), ...referrers]);
  }

  async isImmutable(): Promise<boolean> {
    return this.#registry.options.immutableTags ?? false;
  }

  async exists(): Promise<boolean> {
    return !this.#registry.options.repositoriesMustExist || this.manifests.size + this.blobs.size > 0;
  }

  /** Puts content there without a request. */
  put(manifest: Manifest, tag?: string): void {
    this.manifests.set(manifest.descriptor.digest, manifest);
    if (tag !== undefined) this.tags.set(tag, manifest.descriptor.digest);
  }

  #mount(digest: Digest, from: string): boolean {
    if (this.#registry.options.mounts === false) return false;
    const other = this.#registry.repository(from);
    const bytes = other.blobs.get(digest);
    const named = [...other.manifests.values()].some((manifest) =>
      readManifest(manifest).blobs.some((blob) => blob.digest === digest),
    );
    if (bytes === undefined || (this.mountableAfter === "manifest" && !named)) return false;
    this.blobs.set(digest, bytes);
    return true;
  }

  #find(target: Target): Manifest | undefined {
    const digest = isDigest(target) ? target : this.tags.get(target);
    return digest === undefined ? undefined : this.manifests.get(digest);
  }

  #phantom(target: Target): Descriptor | undefined {
    if (!isDigest(target) || !this.phantoms.has(target)) return undefined;
    return { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: target, size: 1 };
  }

  async #called(verb: string, target: string): Promise<void> {
    const call = { verb, repository: this.repository, target };
    this.#registry.calls.push(call);
    await this.#registry.fault?.(call);
  }
}
