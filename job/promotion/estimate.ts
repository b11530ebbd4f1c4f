import type { Reference } from "../oci/reference.ts";
import { attachmentSubjects } from "./attachments.ts";
import type { ImageWork, SurveyedImage } from "./image.ts";
import type { PlanEstimate } from "./report.ts";
import { allNodes, type PlannedWrites } from "./writes.ts";

/** Requests for one subject: its referrers, and cosign's three tags. */
const attachmentRequests = 4;

/**
 * Requests for a statement of the promotion besides its manifest: to look for one that is there and see it listed (2),
 * for its configuration (1) and for itself (2).
 */
const attestationRequests = 5;

/** Counts what a promotion of this plan takes at the least; tokens, redirects and retries come on top. */
export function estimatePlan(
  images: readonly SurveyedImage[],
  writes: readonly PlannedWrites[],
  options: {
    /** Milliseconds that a registry's quotas allow at the least for so many manifests. */
    readonly leastMs?: (host: string, manifestWrites: number) => number;
    /** Whether attachments are looked for. */
    readonly attachments: boolean;
  },
): PlanEstimate {
  let requests = 0;
  const writesByHost = new Map<string, number>();
  for (const [position, { image, missing }] of images.entries()) {
    const { manifests, attested, sent, mounted } = writes[position] ?? nothing;
    const { destination } = image.wanted;
    if (image.report.status === "skipped") continue;
    requests += destination.digest === undefined ? 2 : 1;
    if (image.work === undefined || image.report.status === "failed") continue;
    // A blob that is sent takes a GET, a POST and a PUT; one that is mounted takes the POST alone.
    requests += manifests.length + 3 * sent.length + mounted.length;
    requests += attested ? attestationRequests + 1 : 0;
    requests += readRequests(image.work, missing.length, destination, options.attachments) - mounted.length;
    const { host } = image.work.to;
    writesByHost.set(host, (writesByHost.get(host) ?? 0) + manifestWrites({ manifests, attested }));
  }
  // Registries have quotas of their own and are written at the same time: the slowest decides.
  const times = [...writesByHost].map(([host, count]) => options.leastMs?.(host, count) ?? 0);
  return {
    requests,
    manifestWrites: writes.reduce((total, planned) => total + manifestWrites(planned), 0),
    leastMs: Math.max(0, ...times),
  };
}

const nothing: PlannedWrites = { manifests: [], attested: false, sent: [], mounted: [] };

function manifestWrites({ manifests, attested }: Pick<PlannedWrites, "manifests" | "attested">): number {
  return manifests.length + (attested ? 1 : 0);
}

/** What has to be asked beyond the tag itself. */
function readRequests(
  work: ImageWork,
  missing: number,
  destination: Reference,
  attachments: boolean,
): number {
  const nodes = allNodes(work);
  const blobs = new Set(nodes.flatMap((node) => node.blobs.map(({ digest }) => digest)));
  const referrers = work.attachments.filter(({ referrer }) => referrer !== undefined).length;
  const looked =
    !attachments || work.from === work.to
      ? 0
      : attachmentRequests * attachmentSubjects(work.root).length + referrers;
  const cosign = work.attachments.length - referrers;
  // Of the root, a tag's question has brought the manifest, a digest's the answer whether it is there.
  const known = destination.digest === undefined || destination.tag === undefined ? 1 : 0;
  // Per manifest a GET and a HEAD, per blob a HEAD (a mount answers by itself), and one to verify.
  return 2 * nodes.length - known + Math.max(blobs.size, missing) + looked + cosign + 1;
}
