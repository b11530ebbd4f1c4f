import type { LoggedRequest } from "../emulator/request-log.ts";
import { devAccount } from "../scenarios/two-accounts.ts";

/** Requests by the side that was asked and what they were about: `{ "production manifest-put": 5 }`. */
export function countByKind(requests: readonly LoggedRequest[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { account, kind, action } of requests) {
    const side = kind === "storage" || account === devAccount ? "development" : "production";
    const key = kind === "ecr-api" ? `${action}` : `${side} ${kind}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** Bytes of blobs and manifests on the wire. */
export interface ContentBytes {
  /** Out of the source's storage. */
  readonly blobsRead: number;
  readonly blobsWritten: number;
  readonly manifestsRead: number;
  readonly manifestsWritten: number;
}

export function contentBytes(requests: readonly LoggedRequest[]): ContentBytes {
  const bytes = (of: "bytesIn" | "bytesOut", ...kinds: readonly string[]) =>
    requests
      .filter(({ kind, status }) => kinds.includes(kind) && status < 300)
      .reduce((sum, request) => sum + request[of], 0);
  return {
    blobsRead: bytes("bytesOut", "storage", "blob-get"),
    blobsWritten: bytes("bytesIn", "upload-start", "upload-part", "upload-finish"),
    manifestsRead: bytes("bytesOut", "manifest-get"),
    manifestsWritten: bytes("bytesIn", "manifest-put"),
  };
}
