import type { KeyObject } from "node:crypto";
import { mapConcurrent } from "../async/map-concurrent.ts";
import type { ContentReader, Waiting } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { type FoundAttestation, mayBePromotion, readAttestation } from "./read-attestation.ts";
import { keyHint } from "./signing-key.ts";
import { isAbout, type Promotion } from "./statement.ts";
import { isSignedByAny } from "./verify-envelope.ts";

/**
 * What is known of a statement: `verified` by one of the given keys; `unverified`, signed by a key that was not given;
 * `unsigned`; `forged`, because it contradicts itself or its signature.
 */
export type Standing = "verified" | "unverified" | "unsigned" | "forged";

/** One promotion of an image, as a statement tells it. */
export interface PromotionRecord {
  /** Of the manifest that holds the statement. */
  readonly attestation: Digest;
  readonly standing: Standing;
  /** Why it is `forged`. */
  readonly problem?: string;
  /** Absent when the statement cannot be read. */
  readonly promotion?: Promotion;
}

export interface HistoryOptions extends Waiting {
  /** Any of which may have signed. */
  readonly keys: readonly KeyObject[];
  /** Requests at the same time. */
  readonly concurrency: number;
}

/**
 * Reads the promotions that are attested at an image, the newest last. When each was made is what its statement says.
 * That none is missing nobody can prove: whoever may delete manifests may delete these.
 *
 * @throws {PromoterError} what the registry says.
 */
export async function readHistory(
  from: ContentReader,
  image: Digest,
  options: HistoryOptions,
): Promise<readonly PromotionRecord[]> {
  const listed: Descriptor[] = [];
  for await (const referrer of from.referrers(image, options)) {
    if (mayBePromotion(referrer)) listed.push(referrer);
  }
  const found = await mapConcurrent(listed, options.concurrency, (referrer) =>
    readAttestation(from, referrer, options),
  );
  return found
    .flatMap((attestation) => (attestation ? [recordOf(attestation, image, options.keys)] : []))
    .sort(byTime);
}

function recordOf(found: FoundAttestation, image: Digest, keys: readonly KeyObject[]): PromotionRecord {
  const problem = contradiction(found, image) ?? badSignature(found, keys);
  const { digest: attestation, statement, envelope } = found;
  const promotion = statement && { promotion: statement.predicate };
  if (problem !== undefined) return { attestation, standing: "forged", problem, ...promotion };
  if (envelope === undefined) return { attestation, standing: "unsigned", ...promotion };
  const standing = isSignedByAny(envelope, keys) ? "verified" : "unverified";
  return { attestation, standing, ...promotion };
}

function contradiction({ subject, statement }: FoundAttestation, image: Digest): string | undefined {
  if (subject !== image) return "its manifest is attached to another image";
  if (statement === undefined) return "it is no statement of a promotion";
  if (!isAbout(statement, image)) return "it is about another image";
  return undefined;
}

/** A signature by one of our keys, as its hint says, that this key did not make. */
function badSignature({ envelope }: FoundAttestation, keys: readonly KeyObject[]): string | undefined {
  const named = keys.filter((key) => keyHint(key) === envelope?.hint);
  if (envelope === undefined || named.length === 0 || isSignedByAny(envelope, named)) return undefined;
  return "its signature is not over what it says";
}

function byTime(one: PromotionRecord, other: PromotionRecord): number {
  const time = ({ promotion }: PromotionRecord) => Date.parse(promotion?.promotedAt ?? "") || 0;
  return time(one) - time(other) || (one.attestation < other.attestation ? -1 : 1);
}
