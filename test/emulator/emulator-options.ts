import type { QuirkName } from "./quirks.ts";

/** The ECR actions whose rate ECR limits per account and region. */
export type RateLimitedAction =
  | "PutImage"
  | "InitiateLayerUpload"
  | "UploadLayerPart"
  | "CompleteLayerUpload"
  | "BatchCheckLayerAvailability"
  | "BatchGetImage"
  | "GetDownloadUrlForLayer"
  | "GetAuthorizationToken"
  | "ListImages";

export interface EmulatorOptions {
  /** `ecr`: with ECR's departures (quirks.ts). `strict`: by the distribution specification. Default `ecr`. */
  readonly mode?: "ecr" | "strict";
  /** Default: the system's, without `sleep`. */
  readonly clock?: { now(): number; sleep?(ms: number): Promise<void> };
  /** Whether the referrers API answers. Default true. */
  readonly referrersApi?: boolean;
  /** Answers 405 to manifests with a `subject`. Default false. */
  readonly subject405?: boolean;
  /** Whether blobs are redirected to the storage origin. Default as the mode has it. */
  readonly blobRedirect?: boolean;
  /** Life of registry tokens in milliseconds. Default 12 hours. */
  readonly tokenLifetimeMs?: number;
  /** Life of presigned storage addresses in milliseconds. Default one hour. */
  readonly storageUrlLifetimeMs?: number;
  /** Requests per second and account and region; none where silent. `ecrQuotas` has ECR's own. */
  readonly rateLimits?: Readonly<Partial<Record<RateLimitedAction, number>>>;
  /** Uploaded blobs of more bytes keep digest and size only. Default: every blob is kept. */
  readonly discardBlobsAboveBytes?: number;
  /** Delay of every answer, in milliseconds. Default 0. */
  readonly latencyMs?: number;
  /** Waited for before each answer. */
  readonly beforeAnswer?: () => Promise<void>;
  /** Default `iam` in mode `ecr`, `none` in mode `strict`: anybody may do everything. */
  readonly authorization?: "iam" | "none";
  /** Answers a denial with an empty body, as ECR sometimes does. Default false. */
  readonly emptyDenials?: boolean;
  /** Form of the `Location` of uploads. Default `relative`. */
  readonly locations?: "relative" | "absolute";
  /** Whether answers tell the time, by `clock`. Default true. */
  readonly dateHeader?: boolean;
  /** Port of the main listener. Default: any free one. */
  readonly port?: number;
  /** Single departures turned on or off, whatever the mode. */
  readonly quirks?: Readonly<Partial<Record<QuirkName, boolean>>>;
}

/** ECR's default quotas in requests per second. */
export const ecrQuotas: Readonly<Record<Exclude<RateLimitedAction, "ListImages">, number>> = {
  PutImage: 10,
  InitiateLayerUpload: 100,
  CompleteLayerUpload: 100,
  UploadLayerPart: 500,
  BatchCheckLayerAvailability: 1_000,
  BatchGetImage: 2_000,
  GetDownloadUrlForLayer: 3_000,
  GetAuthorizationToken: 500,
};
