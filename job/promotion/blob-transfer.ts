import { SingleFlight } from "../async/single-flight.ts";
import { withSignal } from "../async/with-signal.ts";
import { locateError } from "../error.ts";
import type { ByteStream, ContentReader, ContentWriter, Waiting } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { limited, type PromotionContext, transferring } from "./context.ts";
import { nodesOf } from "./graph.ts";
import type { PlannedImage } from "./image.ts";
import type { ManifestNode } from "./manifest-node.ts";

/** How a blob came to its repository. */
export type Transfer = "present" | "mounted" | "sent";

export interface BlobCopy {
  readonly blob: Descriptor;
  readonly from: ContentReader;
  readonly to: ContentWriter;
  /** Bytes that went to the destination; negative when they must go again. */
  readonly onBytes: (bytes: number) => void;
  /** Whether to wait for another image that brings the blob: not where that one may be waiting for us. Default true. */
  readonly mayWait?: boolean;
}

/**
 * A blob that several repositories of one registry need crosses once: the first image that claims it leads and sends
 * it, the others wait for the leader and mount. An image claims all that it needs at once, and waits for claims that
 * were made before its own, so that no two wait for each other.
 */
interface Leadership {
  readonly repository: string;
  /** The blob is in the leader's repository, and may be mounted from there; false when that failed. */
  readonly available: PromiseWithResolvers<boolean>;
  /** Whether it was there before: then it is likely to be in the others' repositories, too. */
  wasPresent: boolean;
}

export class BlobTransfers {
  readonly #context: PromotionContext;
  readonly #leaders = new Map<string, Leadership>();
  readonly #done = new SingleFlight<string, Transfer>();
  /** Repositories from which a mount was declined that should have worked: nobody waits for them again. */
  readonly #declining = new Set<string>();

  constructor(context: PromotionContext) {
    this.#context = context;
  }

  /** Says that an image is about to bring blobs: those that nobody brings yet to its registry, it leads. */
  claim({ host, repository }: ContentWriter, blobs: readonly Descriptor[]): void {
    for (const { digest } of blobs) {
      const key = `${host}@${digest}`;
      if (this.#leaders.has(key)) continue;
      this.#leaders.set(key, { repository, available: Promise.withResolvers(), wasPresent: false });
    }
  }

  /** Sees that the blob is in the destination repository, once per repository however often it is asked. */
  async transfer(copy: BlobCopy): Promise<Transfer> {
    let ours = false;
    const transfer = await this.#done.run(keyOf(copy), () => {
      ours = true;
      return this.#transferOnce(copy);
    });
    return ours ? transfer : "present";
  }

  /** Forgets that a blob is there, because the destination said that it is not. */
  forget(copy: Pick<BlobCopy, "blob" | "to">): void {
    this.#done.forget(keyOf(copy));
  }

  /** A manifest that names these blobs has been accepted: where registries wait for that, they may be mounted now. */
  committed(to: ContentWriter, blobs: readonly Descriptor[]): void {
    for (const blob of blobs) this.#announce(to, blob.digest, true);
  }

  /** The work for which blobs were claimed has ended, well or not: nobody shall wait for what it did not bring. */
  ended(to: ContentWriter, blobs: readonly Descriptor[]): void {
    for (const { digest } of blobs) this.#announce(to, digest, false);
  }

  #announce(to: ContentWriter, digest: Digest, available: boolean): void {
    this.#ledFrom(to, digest)?.available.resolve(available);
  }

  /** The leadership of this very repository. */
  #ledFrom(to: ContentWriter, digest: Digest): Leadership | undefined {
    const leader = this.#leaders.get(`${to.host}@${digest}`);
    return leader?.repository === to.repository ? leader : undefined;
  }

  async #transferOnce(copy: BlobCopy): Promise<Transfer> {
    const { blob, to } = copy;
    const mountFrom = await this.#mountableFrom(copy);
    const wasPresent = this.#leaders.get(`${to.host}@${blob.digest}`)?.wasPresent === true;
    // A mount says of itself whether there was anything to do.
    if (mountFrom !== undefined && !wasPresent) return this.#send(copy, mountFrom);
    if (!(await limited(this.#context, "destination", (waiting) => to.hasBlob(blob, waiting)))) {
      return this.#send(copy, mountFrom);
    }
    const leadership = this.#ledFrom(to, blob.digest);
    if (leadership !== undefined) leadership.wasPresent = true;
    if (to.mountableAfter === "upload") this.#announce(to, blob.digest, true);
    return "present";
  }

  /** A repository of the destination's registry that has the blob, once it may be mounted from there. */
  async #mountableFrom({ blob, from, to, mayWait = true }: BlobCopy): Promise<string | undefined> {
    const declines = (repository: string) => this.#declining.has(`${to.host}/${repository}`);
    // Within one registry the source itself has it, and nobody need be waited for.
    if (from.host === to.host) {
      return from.repository === to.repository || declines(from.repository) ? undefined : from.repository;
    }
    const leader = this.#leaders.get(`${to.host}@${blob.digest}`);
    if (!mayWait || leader === undefined) return undefined;
    if (leader.repository === to.repository || declines(leader.repository)) return undefined;
    return this.#awaitLeader(leader);
  }

  async #send(copy: BlobCopy, mountFrom: string | undefined): Promise<Transfer> {
    const { blob, from, to, onBytes } = copy;
    const bytes = mountFrom === undefined ? blob.size : 0;
    const result = await transferring(this.#context, bytes, (waiting) =>
      to.pushBlob(blob, async () => fromSource(await openSource(from, blob, waiting)), {
        onBytes,
        ...(mountFrom !== undefined && { mountFrom }),
        ...waiting,
      }),
    );
    if (mountFrom !== undefined && result === "sent") this.#declining.add(`${to.host}/${mountFrom}`);
    if (to.mountableAfter === "upload") this.#announce(to, blob.digest, true);
    return result;
  }

  /** The repository to mount from, once the leader has the blob there; undefined when it failed. */
  async #awaitLeader(leader: Leadership): Promise<string | undefined> {
    const available = await withSignal(leader.available.promise, this.#context.signal);
    return available ? leader.repository : undefined;
  }
}

function keyOf({ blob, to }: Pick<BlobCopy, "blob" | "to">): string {
  return `${to.host}/${to.repository}@${blob.digest}`;
}

/** Blobs that an image may have to bring, each once. */
export function blobsOf(image: PlannedImage): readonly Descriptor[] {
  const { work } = image;
  if (work === undefined) return [];
  const blobs = [work.root, ...work.attachments.map(({ node }) => node)].flatMap(blobsUnder);
  return [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
}

/** The blobs of a manifest and of all below it. */
export function blobsUnder(node: ManifestNode): readonly Descriptor[] {
  return nodesOf(node).flatMap(({ blobs }) => blobs);
}

function openSource(from: ContentReader, blob: Descriptor, waiting: Waiting): Promise<ByteStream> {
  return locateError({ side: "source" }, () => from.fetchBlob(blob, waiting));
}

/** Marks what breaks while the source is read as the source's fault, also in the midst of an upload. */
function fromSource(stream: ByteStream): ByteStream {
  return {
    [Symbol.asyncIterator]() {
      const chunks = stream[Symbol.asyncIterator]();
      return {
        next: () => locateError({ side: "source" }, () => chunks.next()),
        return: async () => (await chunks.return?.()) ?? { done: true, value: undefined },
      };
    },
  };
}
