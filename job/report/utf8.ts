const ellipsis = "…";

/** Bytes of the text as UTF-8. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text);
}

/** The text, or as much of its beginning as fits into `maxBytes` (at least 3) with `…` behind it; characters stay whole. */
export function cutToBytes(text: string, maxBytes: number): string {
  if (utf8Length(text) <= maxBytes) return text;
  const room = new Uint8Array(maxBytes - utf8Length(ellipsis));
  const { read } = new TextEncoder().encodeInto(text, room);
  return text.slice(0, read) + ellipsis;
}
