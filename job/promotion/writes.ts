import type { Descriptor } from "../oci/descriptor.ts";
import { nodesOf } from "./graph.ts";
import type { ImageWork, SurveyedImage } from "./image.ts";
import type { ManifestNode } from "./manifest-node.ts";

/** What promoting one image writes, when all goes as planned. */
export interface PlannedWrites {
  /** Manifests, in no particular order; the root is there twice when its tag comes after what is attached to it. */
  readonly manifests: readonly ManifestNode[];
  /** Whether a statement of the promotion comes on top, whose bytes are not known before it is made. */
  readonly attested: boolean;
  /** Blobs that cross from the source. */
  readonly sent: readonly Descriptor[];
  /** Blobs that another repository of the destination has, or has by then. */
  readonly mounted: readonly Descriptor[];
}

/** Settles who brings a blob that several images share: the first in the plan's order, as the promotion does. */
export function planWrites(images: readonly SurveyedImage[]): readonly PlannedWrites[] {
  const counted = new Set<string>();
  return images.map(({ image, missing }) => {
    const { work, report } = image;
    if (work === undefined || report.status === "failed") {
      return { manifests: [], attested: false, sent: [], mounted: [] };
    }
    const sent: Descriptor[] = [];
    const mounted: Descriptor[] = [];
    const within = work.from.host === work.to.host;
    for (const blob of missing) {
      const here = `${work.to.host}/${work.to.repository}@${blob.digest}`;
      const anywhere = `${work.to.host}@${blob.digest}`;
      if (counted.has(here)) continue;
      (within || counted.has(anywhere) ? mounted : sent).push(blob);
      counted.add(here).add(anywhere);
    }
    return { manifests: manifestsToPut(work), attested: work.claim !== undefined, sent, mounted };
  });
}

/** Manifests that are absent, and the root once more under its tag where that has to wait for what is attached to it. */
export function manifestsToPut(work: ImageWork): readonly ManifestNode[] {
  const absent = allNodes(work).filter(({ present }) => !present);
  const isWaiting = work.attachments.length > 0 || work.claim !== undefined;
  const tagApart = work.tag !== undefined && (work.root.present || isWaiting);
  return tagApart ? [...absent, work.root] : absent;
}

/** The nodes of the image and of what is attached to it, each once. */
export function allNodes({ root, attachments }: ImageWork): readonly ManifestNode[] {
  const nodes = [root, ...attachments.map(({ node }) => node)].flatMap(nodesOf);
  return [...new Map(nodes.map((node) => [node.manifest.descriptor.digest, node])).values()];
}

export function bytesOfManifests(nodes: readonly ManifestNode[]): number {
  return nodes.reduce((total, { manifest }) => total + manifest.bytes.length, 0);
}

export function bytesOfBlobs(blobs: readonly Descriptor[]): number {
  return blobs.reduce((total, { size }) => total + size, 0);
}
