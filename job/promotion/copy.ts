import type { Digest } from "../oci/digest.ts";
import { attestEarly, attestPromotion } from "./attest-promotion.ts";
import { blobsUnder } from "./blob-transfer.ts";
import type { PromotionContext } from "./context.ts";
import type { Attachment, FoundAttachments, ImageWork } from "./image.ts";
import { type CopyListener, type CopyRun, ImageCopy } from "./image-copy.ts";

export interface CopyOutcome {
  /** What is attached to the image at its source. */
  readonly attachments: readonly Attachment[];
  /** Why attachments were not found, or refused by the destination. */
  readonly warnings: readonly string[];
  readonly attestation: Digest | undefined;
}

/**
 * Copies one image: content before what names it, attachments and the statement of the promotion after their subject,
 * the tag last. At no moment does a tag at the destination lead to something incomplete.
 */
export async function copyImage(
  work: ImageWork,
  run: CopyRun,
  listener: CopyListener,
  context: PromotionContext,
): Promise<CopyOutcome> {
  const copy = new ImageCopy(work, run, listener, context);
  const { root, tag, attachments, search } = work;
  if (tag === undefined) return bringByDigest(copy, work, context);
  let outcome: CopyOutcome = { attachments, warnings: [], attestation: undefined };
  await copy.bring(root, tag, async () => {
    const found = search === undefined ? { attachments, warnings: [] } : await search;
    outcome = await attach(copy, work, found, run, context);
  });
  return outcome;
}

/** Brings what is attached to an image whose content is there. */
async function attach(
  copy: ImageCopy,
  work: ImageWork,
  { attachments, warnings }: FoundAttachments,
  run: CopyRun,
  context: PromotionContext,
): Promise<CopyOutcome> {
  if (attachments.length === 0 && work.claim === undefined) {
    return { attachments, warnings, attestation: undefined };
  }
  await copy.putByDigest(work.root);
  const blobs = attachments.flatMap(({ node }) => blobsUnder(node));
  run.blobs.claim(work.to, blobs);
  try {
    const refused = await copy.bringAttachments(attachments);
    const attestation = await attestPromotion(work, context);
    return { attachments, warnings: [...warnings, ...refused], attestation };
  } finally {
    run.blobs.ended(work.to, blobs);
  }
}

/**
 * Without a tag to come last, the root does: a run that finds it takes everything for done. Registries have to accept
 * what is attached to something that is yet to come; where one does not, the root goes first after all.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests-with-subject}
 */
async function bringByDigest(
  copy: ImageCopy,
  work: ImageWork,
  context: PromotionContext,
): Promise<CopyOutcome> {
  if (work.attachments.length === 0 && work.claim === undefined) {
    await copy.bring(work.root, work.root.manifest.descriptor.digest);
    return { attachments: [], warnings: [], attestation: undefined };
  }
  let attached = false;
  let attestation: Digest | undefined;
  if (!work.root.present) {
    // Not in one go with the root: what is attached may contain it, and would wait for itself.
    await copy.bringContent(work.root);
    attached = await copy.tryAttachments(work.attachments);
    if (attached) attestation = await attestEarly(work, context);
    await copy.putByDigest(work.root);
  }
  const refused = attached ? [] : await copy.bringAttachments(work.attachments);
  const { attachments } = work;
  return {
    attachments,
    warnings: refused,
    attestation: attestation ?? (await attestPromotion(work, context)),
  };
}
