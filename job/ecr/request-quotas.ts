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

/**
 * @param share the part of a registry's quotas that is granted, above 0 and at most 1. Of bursts too, or all that share
 *   would begin with more than the registry takes at once.
 */
export function quotasOf(host: EcrRegistryHost, share = 1): RequestQuotas {
  const whole = host.public ? publicQuotas : privateQuotas;
  if (share === 1) return whole;
  const kinds = Object.keys(whole) as RequestKind[];
  return Object.fromEntries(
    kinds.map((kind) => {
      const { perSecond, burst } = whole[kind];
      return [kind, { perSecond: perSecond * share, burst: Math.max(1, Math.floor(burst * share)) }];
    }),
  ) as RequestQuotas;
}

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
