import type { RequestQuota } from "../async/token-bucket.ts";
import type { RequestKind } from "../registry/pacing.ts";
import type { EcrRegistryHost } from "./registry-host.ts";

export type RequestQuotas = Readonly<Record<RequestKind, RequestQuota>>;

/**
 * Four fifths of what ECR grants each account and region by default: other Jobs, kubelets and people share it.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html}
 */
const privateQuotas: RequestQuotas = {
  "manifest-write": { perSecond: 8, burst: 10 }, // PutImage: 10
  "manifest-read": { perSecond: 1600, burst: 400 }, // BatchGetImage: 2,000
  "blob-check": { perSecond: 800, burst: 200 }, // BatchCheckLayerAvailability: 1,000
  "blob-read": { perSecond: 2400, burst: 600 }, // GetDownloadUrlForLayer: 3,000
  "upload-start": { perSecond: 80, burst: 20 }, // InitiateLayerUpload: 100
  "upload-part": { perSecond: 400, burst: 50 }, // UploadLayerPart: 500
  "upload-finish": { perSecond: 80, burst: 20 }, // CompleteLayerUpload: 100
  list: { perSecond: 400, burst: 100 }, // ListImages and ListImageReferrers have no published quota.
};

/**
 * The public gallery's, which are lower.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/public/public-service-quotas.html}
 */
const publicQuotas: RequestQuotas = {
  "manifest-write": { perSecond: 8, burst: 10 }, // PutImage: 10
  "manifest-read": { perSecond: 8, burst: 10 }, // Image pulls: 1 a second anonymously, 10 authenticated.
  "blob-check": { perSecond: 160, burst: 40 }, // BatchCheckLayerAvailability: 200
  "blob-read": { perSecond: 160, burst: 40 },
  "upload-start": { perSecond: 8, burst: 10 }, // InitiateLayerUpload: 10
  "upload-part": { perSecond: 208, burst: 26 }, // UploadLayerPart: 260
  "upload-finish": { perSecond: 8, burst: 10 }, // CompleteLayerUpload: 10
  list: { perSecond: 8, burst: 10 },
};

/** What of ECR's quotas is for this process. */
export interface GrantedQuotas {
  /** The part that it may use beside others of a divided work: above 0, at most 1. Default 1. */
  readonly share?: number;
  /** Quotas that AWS has raised, by ECR's action, in requests per second. */
  readonly raised?: ReadonlyMap<string, number>;
}

/** How much of a quota is used: what others need meanwhile is left to them. */
const used = 0.8;

/**
 * The quotas of a registry, or the part of them that is granted: of bursts, too, or all that share them would begin with
 * more than the registry takes at once.
 */
export function quotasOf(host: EcrRegistryHost, { share = 1, raised }: GrantedQuotas = {}): RequestQuotas {
  const whole = host.public ? publicQuotas : privateQuotas;
  const kinds = Object.keys(whole) as RequestKind[];
  return Object.fromEntries(
    kinds.map((kind) => {
      const { perSecond, burst } = whole[kind];
      const rate = raised?.get(actions[kind]);
      const factor = share * (rate === undefined ? 1 : (rate * used) / perSecond);
      return [kind, { perSecond: perSecond * factor, burst: Math.max(1, Math.floor(burst * factor)) }];
    }),
  ) as RequestQuotas;
}

/** The action that AWS counts a kind of request as. */
const actions: Readonly<Record<RequestKind, string>> = {
  "manifest-write": "PutImage",
  "manifest-read": "BatchGetImage",
  "blob-check": "BatchCheckLayerAvailability",
  "blob-read": "GetDownloadUrlForLayer",
  "upload-start": "InitiateLayerUpload",
  "upload-part": "UploadLayerPart",
  "upload-finish": "CompleteLayerUpload",
  list: "ListImages",
};

/** Milliseconds that so many requests take at the least: kinds run side by side, the slowest of them counts. */
export function leastMs(
  quotas: RequestQuotas,
  requests: Readonly<Partial<Record<RequestKind, number>>>,
): number {
  const kinds = Object.keys(quotas) as RequestKind[];
  const waits = kinds.map((kind) => {
    const { perSecond, burst } = quotas[kind];
    return (Math.max(0, (requests[kind] ?? 0) - burst) / perSecond) * 1000;
  });
  return Math.ceil(Math.max(...waits));
}
