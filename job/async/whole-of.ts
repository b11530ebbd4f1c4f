/** All that comes in chunks, which may hold their bytes for a moment only; undefined, and the rest is not read, when it has more than `maxBytes` bytes. */
export async function wholeOf(
  content: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of content) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(Buffer.from(chunk));
  }
  return joined(chunks, size);
}

/** Chunks of `size` bytes in one; what came in one piece is not copied. */
export function joined(chunks: readonly Uint8Array[], size: number): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined
    ? Buffer.from(only.buffer, only.byteOffset, only.length)
    : Buffer.concat(chunks, size);
}
