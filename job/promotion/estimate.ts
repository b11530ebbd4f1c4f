import { nodesOf } from "./graph.ts";
import type { ImageWork, SurveyedImage } from "./image.ts";
import type { PlanEstimate } from "./report.ts";

/** Requests that ask after cosign's tags of one manifest, and after its referrers. */
const attachmentRequests = 4;

/** Counts what a promotion of this plan takes at the least; redirects, tokens and retries come on top. */
export function estimatePlan(
  images: readonly SurveyedImage[],
  leastMs: (host: string, manifestWrites: number) => number = () => 0,
): PlanEstimate {
  let requests = 0;
  const writesByHost = new Map<string, number>();
  for (const { image, missing } of images) {
    if (image.report.status === "skipped") continue;
    requests += image.wanted.destination.digest === undefined ? 2 : 1;
    if (image.work === undefined || image.report.status === "failed") continue;
    const writes = manifestWrites(image.work);
    requests += writes + workRequests(image.work, missing.length);
    writesByHost.set(image.work.to.host, (writesByHost.get(image.work.to.host) ?? 0) + writes);
  }
  // Registries have quotas of their own and are written at the same time: the slowest decides.
  const times = [...writesByHost].map(([host, writes]) => leastMs(host, writes));
  return {
    requests,
    manifestWrites: [...writesByHost.values()].reduce((total, writes) => total + writes, 0),
    leastMs: Math.max(0, ...times),
  };
}

function manifestWrites(work: ImageWork): number {
  const nodes = [work.root, ...work.attachments.map(({ node }) => node)].flatMap(nodesOf);
  const absent = nodes.filter(({ present }) => !present).length;
  // With attachments in between, the root goes first under its digest and at last under its tag.
  const tagApart = work.tag !== undefined && (work.root.present || work.attachments.length > 0) ? 1 : 0;
  return absent + tagApart;
}

function workRequests(work: ImageWork, missingBlobs: number): number {
  const nodes = [work.root, ...work.attachments.map(({ node }) => node)].flatMap(nodesOf);
  const blobs = nodes.reduce((total, node) => total + node.blobs.length, 0);
  const asked = work.from === work.to ? 0 : attachmentRequests * (1 + work.root.members.length);
  // Per manifest a GET and a HEAD; per blob a HEAD, and a GET, a POST and a PUT where it is missing; one to verify.
  return 2 * nodes.length + blobs + 3 * missingBlobs + asked + 1;
}
