import { type ImageReport, type PromotionReport, summarize } from "../../job/promotion/report.ts";

export const host = "222222222222.dkr.ecr.eu-west-1.amazonaws.com";
export const digestA = `sha256:${"a1b2c3d4".repeat(8)}`;
export const digestB = `sha256:${"0123456789abcdef".repeat(4)}`;
const mebibyte = 1024 * 1024;

/** An image of a report, up to date where nothing else is said. */
export function image(fields: Partial<ImageReport> & Pick<ImageReport, "destination">): ImageReport {
  return {
    status: "up-to-date",
    platforms: [],
    referrers: 0,
    bytesCopied: 0,
    bytesMounted: 0,
    warnings: [],
    ...fields,
  };
}

export function report(
  images: readonly ImageReport[],
  fields: Partial<PromotionReport> = {},
): PromotionReport {
  return {
    apiVersion: "image-promoter/v1",
    kind: "PromotionReport",
    startedAt: "2026-11-21T08:00:00.000Z",
    durationMs: 1_234,
    summary: summarize(images),
    images,
    ...fields,
  };
}

export const copied = image({
  destination: `${host}/team/app:1.2.3`,
  source: "111111111111.dkr.ecr.eu-west-1.amazonaws.com/team/app:1.2.3",
  digest: digestA,
  mediaType: "application/vnd.oci.image.index.v1+json",
  status: "copied",
  platforms: ["linux/amd64", "linux/arm64"],
  referrers: 2,
  bytesCopied: 24.1 * mebibyte,
  bytesMounted: 3 * mebibyte,
});

export const upToDate = image({ destination: `${host}/team/web:2.0.0@${digestB}`, digest: digestB });

export const kept = image({
  destination: `${host}/team/old:1`,
  digest: digestB,
  status: "kept",
  warnings: ["The source has no image any more"],
});

export const failed = image({
  destination: `${host}/team/api:9`,
  status: "failed",
  error: {
    code: "TagImmutable",
    message: 'Cannot put the tag "9": it is immutable and stands for another image',
    hint: "Promote another tag",
    temporary: false,
  },
  origin: "overlays/production/patch-image.yaml:12",
});

export const skipped = image({ destination: "docker.io/library/redis:7", status: "skipped" });
