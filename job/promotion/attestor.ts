import type { ContentWriter, Waiting } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { Reference } from "../oci/reference.ts";

/** What is to be attested of one promotion, beside the image itself. */
export interface PromotionClaim {
  /** As it was asked for. */
  readonly destination: Reference;
  /** Where it was found; undefined when it was at the destination already and no source had it any more. */
  readonly source: Reference | undefined;
  /** What the destination's tag stood for before. */
  readonly previousDigest?: string;
  /** What the gates said. */
  readonly gates: readonly { readonly gate: string; readonly passed: boolean; readonly detail: string }[];
}

/** A promotion whose image is at its destination, whole, and whose tag is still to be put. */
export interface Attestable {
  readonly root: Descriptor;
  readonly to: ContentWriter;
  readonly claim: PromotionClaim;
}

export interface AttestOptions extends Waiting {
  /** Runs one request to the destination within the limit of the run. */
  readonly ask: <T>(work: (waiting: Waiting) => Promise<T>) => Promise<T>;
}

/** Attaches a statement of what was promoted to the image at its destination. */
export interface Attestor {
  /**
   * @returns the digest of the manifest that holds the statement.
   * @throws {PromoterError} what the registry says, or whoever signs.
   */
  attest(promotion: Attestable, options: AttestOptions): Promise<Digest>;
}
