import { createHash } from "node:crypto";
import type { Digest } from "../../job/oci/digest.ts";

/**
 * The content of a blob as the store keeps it: bytes; a size and a seed, from which the bytes are made anew at each
 * reading (layers of gigabytes without memory); or nothing but its size, when the content was dropped on upload.
 */
export type BlobContent =
  | { readonly kind: "bytes"; readonly chunks: readonly Uint8Array[] }
  | { readonly kind: "synthetic"; readonly seed: number }
  | { readonly kind: "discarded" };

export interface StoredBlob {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly content: BlobContent;
}

/** Thrown when the content of a blob is asked for that was dropped on upload. */
export class ContentDiscarded extends Error {
  override readonly name = "ContentDiscarded";
}

const blockBytes = 1024 * 1024;

/** A blob that holds `bytes`. */
export function bytesBlob(bytes: Uint8Array): StoredBlob {
  const digest: Digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  return { digest, size: bytes.length, content: { kind: "bytes", chunks: [bytes] } };
}

/** A blob of `size` bytes made out of `seed`: reads all of it once, for its digest. */
export function syntheticBlob(size: number, seed: number): StoredBlob {
  const hash = createHash("sha256");
  for (const chunk of syntheticChunks(seed, 0, size)) hash.update(chunk);
  return { digest: `sha256:${hash.digest("hex")}`, size, content: { kind: "synthetic", seed } };
}

/** The bytes from `start` up to, not including, `end`. @throws {ContentDiscarded} when there are none any more. */
export function* readBlob(blob: StoredBlob, start = 0, end = blob.size): Generator<Uint8Array> {
  if (blob.content.kind === "discarded") throw new ContentDiscarded(`${blob.digest} was dropped on upload`);
  if (blob.content.kind === "synthetic") {
    yield* syntheticChunks(blob.content.seed, start, end);
    return;
  }
  let offset = 0;
  for (const chunk of blob.content.chunks) {
    const piece = chunk.subarray(Math.max(0, start - offset), Math.max(0, end - offset));
    if (piece.length > 0) yield piece;
    offset += chunk.length;
  }
}

/** The whole content in one piece; for blobs that are known to be small. */
export function blobBytes(blob: StoredBlob): Buffer {
  return Buffer.concat([...readBlob(blob)]);
}

/** One block of noise, stamped with the block's number so that no two blocks of a blob are equal. */
function* syntheticChunks(seed: number, start: number, end: number): Generator<Uint8Array> {
  const noise = noiseBlock(seed);
  for (let block = Math.floor(start / blockBytes); block * blockBytes < end; block += 1) {
    const stamped = Buffer.from(noise);
    stamped.writeUInt32LE(block, 0);
    const from = Math.max(0, start - block * blockBytes);
    const to = Math.min(blockBytes, end - block * blockBytes);
    if (to > from) yield stamped.subarray(from, to);
  }
}

function noiseBlock(seed: number): Buffer {
  const block = Buffer.allocUnsafe(blockBytes);
  const stretch = 64;
  for (let offset = 0; offset < blockBytes; offset += stretch) {
    createHash("sha512").update(`${seed}/${offset}`).digest().copy(block, offset);
  }
  return block;
}
