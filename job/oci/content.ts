import type { Descriptor } from "./descriptor.ts";
import type { Digest } from "./digest.ts";
import type { Manifest } from "./manifest.ts";
import type { Target } from "./reference.ts";

/**
 * The whole seam between promotion and the world. `undefined` and `false` mean "asked, and it is not there"; "could
 * not ask" is always a throw.
 */
export interface Waiting {
  readonly signal?: AbortSignal;
  /**
   * Sits out a wait that a registry imposes (`Retry-After`, quotas, the pause before another attempt) without holding
   * up requests to other registries. Default: waits as it is.
   */
  readonly aside?: <T>(wait: () => Promise<T>) => Promise<T>;
}

/**
 * Bytes of a blob as they arrive. Ending the iteration early ends the transfer. A chunk holds its bytes until the next but
 * one has come: whoever keeps it longer copies it.
 */
export type ByteStream = AsyncIterable<Uint8Array>;

/** A repository that is read. */
export interface ContentReader {
  readonly host: string;
  readonly repository: string;
  /**
   * True where a tag is better asked for by its head: the registry counts each manifest that is pulled, or what it sends
   * for a tag has no digest beside it by which to prove it.
   */
  readonly prefersHead?: boolean;
  /** Says how many requests are about to come at the same time: there may be something to get ready for them. */
  prepare?(requests: number): void;
  /** Asks what a tag or digest stands for, without its content. */
  resolve(target: Target, options?: Waiting): Promise<Descriptor | undefined>;
  /** The manifest's exact bytes, proven to be those of `target` when that is a digest. */
  fetchManifest(target: Target, options?: Waiting): Promise<Manifest | undefined>;
  /**
   * The blob's bytes, not yet proven: whoever commits them proves them. Continues by itself after a broken
   * connection. Throws `BlobUnknown` when it is not there.
   */
  fetchBlob(blob: Descriptor, options?: Waiting): Promise<ByteStream>;
  /**
   * All tags, where the registry tells them in one answer; undefined where it does not. What it tells may be some seconds
   * old. Absent where to ask takes a right that pulling does not.
   */
  allTags?(options?: Waiting): Promise<ReadonlySet<string> | undefined>;
  /** What is attached to `subject`: by the referrers API, else by the referrers tag. Empty when nothing is. */
  referrers(subject: Digest, options?: Waiting): AsyncIterable<Descriptor>;
}

export interface PushBlobOptions extends Waiting {
  /**
   * A repository of the same registry that has the blob: tried first, and no byte is sent if the registry agrees. If it
   * does not, the blob is looked for before it is sent.
   */
  readonly mountFrom?: string;
  /** Called with the number of bytes of each chunk that was handed to the connection; negative when they must be sent anew. */
  readonly onBytes?: (bytes: number) => void;
}

/** A repository that is written. Nothing becomes visible before it is whole and proven. */
export interface ContentWriter extends ContentReader {
  /**
   * From when on another repository of the registry may mount a blob of this one: as soon as it is uploaded, or when
   * a manifest that names it is there (ECR).
   */
  readonly mountableAfter: "upload" | "manifest";
  /**
   * Says that an image is about to be brought under a name that is not there. Where that tells, it is asked whether there
   * is anything at all in the repository: what cannot be there need not be looked for. Rejects never.
   */
  expectImage?(options?: Waiting): void;
  hasBlob(blob: Descriptor, options?: Waiting): Promise<boolean>;
  /**
   * Puts a blob there and proves digest and size on the way: nothing is committed when they are wrong. `open` is
   * called for each attempt, so that a transfer can begin again.
   */
  pushBlob(
    blob: Descriptor,
    open: () => Promise<ByteStream>,
    options?: PushBlobOptions,
  ): Promise<"mounted" | "present" | "sent">;
  /** Puts a manifest under a tag, or under its own digest. */
  pushManifest(manifest: Manifest, target: Target, options?: Waiting): Promise<void>;
  /**
   * Sees that `referrers(subject)` lists the given manifests, which are there already. A registry with the referrers
   * API has done so when they were pushed; elsewhere the index under the referrers tag is extended.
   */
  linkReferrers(subject: Digest, referrers: readonly Descriptor[], options?: Waiting): Promise<void>;
  /**
   * Whether a tag that exists could be moved: undefined where nobody can say before trying. Absent for registries
   * that know no immutable tags.
   */
  isImmutable?(tag: string, options?: Waiting): Promise<boolean | undefined>;
  /**
   * Whether the repository is there: undefined where nobody can say before trying. Absent for registries that make
   * repositories when somebody pushes to them.
   */
  exists?(options?: Waiting): Promise<boolean | undefined>;
  /** Begins an upload and gives it up again: proves that content may be pushed, and leaves none. */
  tryUpload?(options?: Waiting): Promise<void>;
}
