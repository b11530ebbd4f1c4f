import { asPromoterError, hasCode, type PromoterError } from "../error.ts";
import { formatPlatform, isUnknownPlatform } from "../oci/platform.ts";
import { formatReference } from "../oci/reference.ts";
import type { WantedImage } from "./image.ts";
import type { ManifestNode } from "./manifest-node.ts";
import type { ImageReport, ReportedError } from "./report.ts";

/** A report of one image, with what is not given empty. */
export function imageReport(
  wanted: WantedImage,
  known: Partial<ImageReport> & Pick<ImageReport, "status">,
): ImageReport {
  return {
    destination: formatReference(wanted.destination),
    platforms: [],
    referrers: 0,
    bytesCopied: 0,
    bytesMounted: 0,
    warnings: wanted.warning === undefined ? [] : [wanted.warning],
    ...(wanted.origin !== undefined && { origin: wanted.origin }),
    ...known,
  };
}

/** What a report says of an error. */
export function reportedError(thrown: unknown): ReportedError {
  const error = asPromoterError(thrown);
  const { code, message, hint, side } = error;
  return {
    code,
    message: side ? `At the ${side}: ${message}` : message,
    temporary: error.temporary || mayPassWithNewRun(error),
    ...(hint && { hint }),
  };
}

/** The same request would be refused again; a new run, which begins with what is there by then, need not be. */
function mayPassWithNewRun(error: PromoterError): boolean {
  return hasCode(error, "BlobUploadInvalid", "BlobUploadUnknown", "ManifestBlobUnknown", "RangeInvalid");
}

/** The platforms of an index, attestations left out; empty for a single manifest, whose config is not read. */
export function platformsOf(root: ManifestNode): readonly string[] {
  const platforms = root.members.flatMap(({ platform }) =>
    platform && !isUnknownPlatform(platform) ? [formatPlatform(platform)] : [],
  );
  return [...new Set(platforms)];
}
