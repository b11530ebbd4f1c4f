import { PromoterError } from "../error.ts";
import type { ByteStream } from "./content.ts";
import type { Descriptor } from "./descriptor.ts";
import { encodedPart, hashFor } from "./digest.ts";

/**
 * Passes a blob's bytes through and proves them. The last chunk is held back until size and digest are right, so that
 * whoever sends them on with a known length cannot complete a wrong blob. One being held back, a chunk that was given
 * holds its bytes only until the next is asked for.
 *
 * @throws {PromoterError} `SizeMismatch` as soon as there are too many bytes or the stream ends too early;
 * `DigestMismatch` at the end.
 */
export async function* verified(
  content: ByteStream,
  expected: Descriptor,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = hashFor(expected.digest);
  let size = 0;
  let held: Uint8Array | undefined;
  for await (const chunk of content) {
    if (chunk.length === 0) continue;
    size += chunk.length;
    if (size > expected.size) throw sizeMismatch(expected, `more than ${expected.size}`);
    hash.update(chunk);
    if (held !== undefined) yield held;
    held = chunk;
  }
  if (size !== expected.size) throw sizeMismatch(expected, String(size));
  const found = hash.digest("hex");
  if (found !== encodedPart(expected.digest)) throw digestMismatch(expected, found);
  if (held !== undefined) yield held;
}

function sizeMismatch(expected: Descriptor, found: string): PromoterError {
  return new PromoterError(
    "SizeMismatch",
    `Refused blob ${expected.digest}: its descriptor says ${expected.size} bytes, the registry sent ${found}`,
    // Too few bytes are most often a cut connection; too many never are, yet a second look costs little.
    {
      temporary: true,
      hint: "Compare the blob with the build that pushed it; a proxy or the storage may have altered it",
    },
  );
}

function digestMismatch(expected: Descriptor, found: string): PromoterError {
  return new PromoterError(
    "DigestMismatch",
    `Refused blob ${expected.digest}: the bytes that came hash to ${found}`,
    {
      hint: "Do not use this blob: a proxy or the registry's storage has altered it; push the image again at the source",
    },
  );
}
