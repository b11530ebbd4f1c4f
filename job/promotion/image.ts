import type { ContentReader, ContentWriter } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { Reference } from "../oci/reference.ts";
import type { PromotionClaim } from "./attestor.ts";
import type { ManifestNode } from "./manifest-node.ts";
import type { ImageReport } from "./report.ts";

/** An image that somebody wants at its destination. */
export interface WantedImage {
  readonly destination: Reference;
  /** Where it may come from, in the order to try; undefined when no route leads to it. */
  readonly sources: readonly Reference[] | undefined;
  /** Where it was asked for. */
  readonly origin?: string;
  /** What is odd about the wish itself. */
  readonly warning?: string;
}

/** Something that belongs to an image without being part of it: a signature, an attestation, an SBOM. */
export interface Attachment {
  /** The manifest that it is attached to. */
  readonly subject: Digest;
  readonly node: ManifestNode;
  /** How the subject's list of referrers names it; undefined for what cosign finds by its tag. */
  readonly referrer?: Descriptor;
  /** cosign's tag for it. */
  readonly tag?: string;
}

/** What is attached to an image at its source. */
export interface FoundAttachments {
  readonly attachments: readonly Attachment[];
  readonly warnings: readonly string[];
}

/** What has to be written for an image. */
export interface ImageWork {
  readonly from: ContentReader;
  readonly to: ContentWriter;
  readonly root: ManifestNode;
  readonly attachments: readonly Attachment[];
  /** Attachments that are still being looked for, while the image itself is copied. */
  readonly search?: Promise<FoundAttachments>;
  /** What the root goes under at last; undefined for a reference by digest alone. */
  readonly tag: string | undefined;
  /** What is to be attested of the promotion; absent when nothing is. */
  readonly claim?: PromotionClaim;
}

/** An image whose fate is decided. */
export interface PlannedImage {
  readonly wanted: WantedImage;
  /** What the report will say if all goes well. */
  readonly report: ImageReport;
  /** Absent when nothing is to be done. */
  readonly work?: ImageWork;
}

/** A planned image with the blobs that its repository lacks. */
export interface SurveyedImage {
  readonly image: PlannedImage;
  readonly missing: readonly Descriptor[];
}
