import { hasCode } from "../error.ts";
import type { ContentReader, Waiting } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { readManifest } from "../oci/manifest.ts";
import { mediaTypes } from "../oci/media-type.ts";
import { readBlob } from "../oci/read-blob.ts";
import { predicateAnnotations } from "./artifact.ts";
import { bundleMediaType, inTotoMediaType, readBundle, type SignedEnvelope } from "./envelope.ts";
import { type PromotionStatement, predicateType, readStatement } from "./statement.ts";

/** A statement of a promotion, as it was found; nothing of it is proven. */
export interface FoundAttestation {
  /** Of the manifest that holds it. */
  readonly digest: Digest;
  /** What its manifest is attached to. */
  readonly subject: Digest | undefined;
  /** Undefined when it is malformed. */
  readonly statement: PromotionStatement | undefined;
  /** Undefined when it is not signed. */
  readonly envelope?: SignedEnvelope;
}

/** Statements have some kilobytes; whoever can push could make one that fills the memory. */
const maxStatementBytes = 1024 * 1024;

/** True for an entry of a list of referrers that may state a promotion: lists may leave out annotations. */
export function mayBePromotion({ artifactType, annotations }: Descriptor): boolean {
  if (artifactType !== bundleMediaType && artifactType !== inTotoMediaType) return false;
  const said = predicateAnnotations.map((name) => annotations?.[name]).find((type) => type !== undefined);
  return said === undefined || said === predicateType;
}

/**
 * Fetches what a list of referrers names.
 *
 * @returns undefined when it states something else than a promotion, or is not there any more.
 */
export async function readAttestation(
  from: ContentReader,
  referrer: Descriptor,
  options: Waiting,
): Promise<FoundAttestation | undefined> {
  const manifest = await from.fetchManifest(referrer.digest, options);
  if (manifest === undefined || manifest.descriptor.mediaType !== mediaTypes.ociManifest) return undefined;
  const { digest } = manifest.descriptor;
  const layer = namedContent(() => readManifest(manifest));
  if (layer === undefined) return { digest, subject: undefined, statement: undefined };
  const { subject, blob } = layer;
  const bytes = blob === undefined ? undefined : await statementBytes(from, blob, options);
  const found = bytes === undefined ? {} : readContent(bytes, blob?.mediaType);
  const { statement, envelope } = found;
  if (statement === "other") return undefined;
  return { digest, subject, statement, ...(envelope && { envelope }) };
}

/** The one layer, and what the manifest is attached to; undefined when the manifest is malformed. */
function namedContent(read: () => ReturnType<typeof readManifest>) {
  try {
    const { blobs, subject } = read();
    const layers = blobs.filter(({ mediaType }) => mediaType !== mediaTypes.empty);
    return { subject: subject?.digest, blob: layers.length === 1 ? layers[0] : undefined };
  } catch {
    return undefined;
  }
}

interface Content {
  readonly statement?: PromotionStatement | "other" | undefined;
  readonly envelope?: SignedEnvelope;
}

function readContent(bytes: Uint8Array, mediaType: string | undefined): Content {
  if (mediaType === inTotoMediaType) return { statement: readStatement(bytes) };
  const envelope = readBundle(bytes);
  if (envelope === undefined || envelope.payloadType !== inTotoMediaType) return {};
  return { statement: readStatement(envelope.payload), envelope };
}

/** @returns undefined for what is too large, or not what its digest says. */
async function statementBytes(
  from: ContentReader,
  blob: Descriptor,
  options: Waiting,
): Promise<Uint8Array | undefined> {
  if (blob.size > maxStatementBytes) return undefined;
  try {
    return await readBlob(from, blob, options);
  } catch (error) {
    if (hasCode(error, "BlobUnknown", "DigestMismatch", "SizeMismatch")) return undefined;
    throw error;
  }
}
