import type { ErrorCode } from "../error.ts";

/** What was, or would be, done with one image. */
export type ImageStatus = "copied" | "retagged" | "up-to-date" | "kept" | "skipped" | "failed";

export interface ReportedError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  /** Whether trying again later may help. */
  readonly temporary: boolean;
}

export type GateName = "signature" | "scan";

/** Something that a gate found and did not let pass, or let pass knowingly. */
export interface GateFinding {
  /** What the field calls it: `CVE-2026-1234`. */
  readonly id: string;
  readonly severity?: string;
  /** What it is in: a package with its version. */
  readonly subject?: string;
  /** The version in which it is mended. */
  readonly fixedIn?: string;
  /** Whether it is on the list of what is ignored. */
  readonly ignored: boolean;
}

/** What a gate said of an image. */
export interface GateReport {
  readonly gate: GateName;
  readonly passed: boolean;
  /** One line: what was proven and by what, or what is missing. */
  readonly detail: string;
  readonly findings: readonly GateFinding[];
}

/** One image of a report, named by its destination. */
export interface ImageReport {
  readonly destination: string;
  /** The reference that it was, or would be, copied from. */
  readonly source?: string;
  readonly digest?: string;
  readonly mediaType?: string;
  readonly status: ImageStatus;
  /** What the destination's tag stood for before. */
  readonly previousDigest?: string;
  /** `os/architecture[/variant]` of each member, attestations left out. */
  readonly platforms: readonly string[];
  /** How many signatures, attestations and other artifacts go along. */
  readonly referrers: number;
  /** Bytes of blobs and manifests that were sent, or would be. */
  readonly bytesCopied: number;
  /** Bytes that the destination took from another of its repositories. */
  readonly bytesMounted: number;
  readonly warnings: readonly string[];
  /** What the gates said; only of images that something is to be done about, when gates are on. */
  readonly gates?: readonly GateReport[];
  /** The digest of the manifest at the destination that states the promotion; only when it was attested. */
  readonly attestation?: string;
  readonly error?: ReportedError;
  /** Where the image was asked for: `overlays/production/patch-image.yaml:12`. */
  readonly origin?: string;
}

export interface ReportSummary {
  readonly images: number;
  readonly copied: number;
  readonly retagged: number;
  readonly upToDate: number;
  readonly kept: number;
  readonly skipped: number;
  readonly failed: number;
  readonly bytesCopied: number;
  readonly bytesMounted: number;
}

/** What a plan knows beyond a report. */
export interface PlanEstimate {
  /** Requests to both registries that the plan takes, at least. */
  readonly requests: number;
  /** Manifests to put at the destination. */
  readonly manifestWrites: number;
  /** Milliseconds that the destination's request quotas allow at the least. */
  readonly leastMs: number;
}

export interface PromotionReport {
  readonly apiVersion: "image-promoter/v1";
  readonly kind: "PromotionReport" | "PromotionPlan";
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly summary: ReportSummary;
  readonly images: readonly ImageReport[];
  /** Only in a plan. */
  readonly estimate?: PlanEstimate;
}

export function summarize(images: readonly ImageReport[]): ReportSummary {
  const count = (status: ImageStatus) => images.filter((image) => image.status === status).length;
  const sum = (field: "bytesCopied" | "bytesMounted") =>
    images.reduce((total, image) => total + image[field], 0);
  return {
    images: images.length,
    copied: count("copied"),
    retagged: count("retagged"),
    upToDate: count("up-to-date"),
    kept: count("kept"),
    skipped: count("skipped"),
    failed: count("failed"),
    bytesCopied: sum("bytesCopied"),
    bytesMounted: sum("bytesMounted"),
  };
}

export interface ReportContent {
  readonly kind: PromotionReport["kind"];
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly now: number;
  readonly images: readonly ImageReport[];
  readonly estimate?: PlanEstimate;
}

export function promotionReport({ kind, startedAt, now, images, estimate }: ReportContent): PromotionReport {
  return {
    apiVersion: "image-promoter/v1",
    kind,
    startedAt: new Date(startedAt).toISOString(),
    durationMs: Math.round(now - startedAt),
    summary: summarize(images),
    images,
    ...(estimate && { estimate }),
  };
}
