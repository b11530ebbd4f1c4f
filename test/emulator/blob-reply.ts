import { ContentDiscarded, readBlob, type StoredBlob } from "./blob.ts";
import { readRange } from "./range.ts";
import { emptyReply, type Reply } from "./reply.ts";

/**
 * A blob as 200, 206 or 416.
 *
 * @throws {ContentDiscarded} when only its digest was kept.
 */
export function blobReply(
  blob: StoredBlob,
  rangeHeader: string | undefined,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  if (blob.content.kind === "discarded") {
    throw new ContentDiscarded(`The content of ${blob.digest} was dropped on upload`);
  }
  const common = { "content-type": "application/octet-stream", "accept-ranges": "bytes", ...headers };
  const range = readRange(rangeHeader, blob.size);
  if (range === "unsatisfiable") {
    return emptyReply(416, { ...common, "content-range": `bytes */${blob.size}` });
  }
  const { start, end } = range ?? { start: 0, end: blob.size };
  return {
    status: range === undefined ? 200 : 206,
    headers:
      range === undefined ? common : { ...common, "content-range": `bytes ${start}-${end - 1}/${blob.size}` },
    body: { length: end - start, read: () => readBlob(blob, start, end) },
  };
}
