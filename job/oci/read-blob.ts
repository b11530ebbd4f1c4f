import type { ContentReader, Waiting } from "./content.ts";
import type { Descriptor } from "./descriptor.ts";
import { verified } from "./verified.ts";

/**
 * A small blob, whole and proven. Whoever asks has seen from the descriptor that its size can be borne.
 *
 * @throws {PromoterError} `DigestMismatch` or `SizeMismatch` when it is not what its descriptor says; what the registry
 * says, `BlobUnknown` among it.
 */
export async function readBlob(from: ContentReader, blob: Descriptor, options: Waiting): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of verified(await from.fetchBlob(blob, options), blob)) {
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}
