import type { ReportedError } from "../promotion/report.ts";

/** What was done with one index. */
export type IndexStatus = "created" | "changed" | "up-to-date" | "failed";

/** An entry of an index. */
export interface MemberReport {
  readonly digest: string;
  readonly mediaType: string;
  readonly artifactType?: string;
  /** Bytes of its manifest. */
  readonly size: number;
  /** `os[:version]/architecture[/variant]`; absent where it has none. */
  readonly platform?: string;
  /** What the operating system must be able to do. */
  readonly osFeatures?: readonly string[];
  /** The digest of the image that it speaks of; only of attestations. */
  readonly attests?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** The reference that it came by; not where the index was there already. */
  readonly source?: string;
}

/** One index of a report. */
export interface IndexReport {
  /** `host/repository:tag`. */
  readonly index: string;
  readonly status: IndexStatus;
  readonly digest?: string;
  readonly mediaType?: string;
  /** What the tag stood for before. */
  readonly previousDigest?: string;
  readonly manifests: readonly MemberReport[];
  /** Bytes of blobs and manifests that were sent from other repositories. */
  readonly bytesCopied: number;
  /** Bytes that the registry took from another of its repositories. */
  readonly bytesMounted: number;
  readonly warnings: readonly string[];
  readonly error?: ReportedError;
  /** Where it was asked for: `metadata-multi.yaml:12`. */
  readonly origin?: string;
}

export interface IndexesReport {
  readonly apiVersion: "image-promoter/v1";
  readonly kind: "IndexReport" | "IndexPlan";
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly summary: Readonly<Record<"indexes" | "created" | "changed" | "upToDate" | "failed", number>>;
  readonly indexes: readonly IndexReport[];
}

/** @param times milliseconds since the epoch. */
export function indexesReport(
  indexes: readonly IndexReport[],
  {
    kind,
    startedAt,
    now,
  }: Pick<IndexesReport, "kind"> & { readonly startedAt: number; readonly now: number },
): IndexesReport {
  const count = (status: IndexStatus) => indexes.filter((index) => index.status === status).length;
  return {
    apiVersion: "image-promoter/v1",
    kind,
    startedAt: new Date(startedAt).toISOString(),
    durationMs: now - startedAt,
    summary: {
      indexes: indexes.length,
      created: count("created"),
      changed: count("changed"),
      upToDate: count("up-to-date"),
      failed: count("failed"),
    },
    indexes,
  };
}
