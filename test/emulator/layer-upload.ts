import { createHash, type Hash, randomUUID } from "node:crypto";
import type { Digest } from "../../job/oci/digest.ts";
import type { BlobContent, StoredBlob } from "./blob.ts";

export interface LayerUploadOptions {
  /** Above this many bytes the content is dropped and only size and digest are kept. Default: never. */
  readonly discardAboveBytes?: number;
  /** Digests to be ready for; others can be had only while the content is kept. Default sha256. */
  readonly algorithm?: "sha256" | "sha512";
}

/** One upload of a layer: hashes what passes, and remembers where each part ended. */
export class LayerUpload {
  readonly id: string = randomUUID();
  readonly algorithm: "sha256" | "sha512";
  /** Sizes in bytes of the parts that were received, in order. */
  readonly parts: number[] = [];
  #hash: Hash;
  readonly #discardAboveBytes: number;
  #chunks: Uint8Array[] | undefined = [];
  #size = 0;

  constructor(options: LayerUploadOptions = {}) {
    this.algorithm = options.algorithm ?? "sha256";
    this.#hash = createHash(this.algorithm);
    this.#discardAboveBytes = options.discardAboveBytes ?? Number.POSITIVE_INFINITY;
  }

  /** Bytes received so far. */
  get size(): number {
    return this.#size;
  }

  /** Takes a part whole, or, when it breaks off, nothing of it. @returns the part's bytes. */
  async appendWhole(part: AsyncIterable<Uint8Array>): Promise<number> {
    const before = {
      hash: this.#hash.copy(),
      size: this.#size,
      chunks: this.#chunks?.length,
      parts: this.parts.length,
    };
    try {
      return await this.append(part);
    } catch (error) {
      this.#hash = before.hash;
      this.#size = before.size;
      if (before.chunks !== undefined) this.#chunks?.splice(before.chunks);
      if (this.parts.length > before.parts) this.parts.pop();
      throw error;
    }
  }

  /** Takes a part as it streams in; what came of a part that breaks off stays. @returns the part's bytes. */
  async append(part: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<number> {
    const before = this.#size;
    try {
      for await (const chunk of part) this.#take(chunk);
    } finally {
      if (this.#size > before) this.parts.push(this.#size - before);
    }
    return this.#size - before;
  }

  /** The blob that was received, its digest by the algorithm of `wanted`; whether that is right is for the caller. */
  finish(wanted: "sha256" | "sha512" = this.algorithm): StoredBlob {
    const content: BlobContent =
      this.#chunks === undefined ? { kind: "discarded" } : { kind: "bytes", chunks: this.#chunks };
    return { digest: this.#digest(wanted), size: this.#size, content };
  }

  #take(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.#size += chunk.length;
    if (this.#size > this.#discardAboveBytes) this.#chunks = undefined;
    else this.#chunks?.push(chunk);
  }

  #digest(wanted: "sha256" | "sha512"): Digest {
    if (wanted === this.algorithm) return `${wanted}:${this.#hash.copy().digest("hex")}`;
    const hash = createHash(wanted);
    for (const chunk of this.#chunks ?? []) hash.update(chunk);
    return `${wanted}:${hash.digest("hex")}`;
  }
}
