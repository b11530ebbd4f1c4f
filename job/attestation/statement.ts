import { isObject } from "../oci/descriptor.ts";
import { algorithmOf, type Digest, encodedPart, isDigest } from "../oci/digest.ts";
import type { Application } from "./application.ts";
import type { PromoterIdentity } from "./identity.ts";

export const statementType = "https://in-toto.io/Statement/v1";

/**
 * What says that a statement is of a promotion. It is a name, not an address: nothing is to be found there.
 * {@link https://github.com/in-toto/attestation/blob/v1.1.0/spec/v1/predicate.md}
 */
export const predicateType = "urn:argocd-image-promoter:promotion:v1";

/** What was promoted, from where, to where, when, by whom and for what. */
export interface Promotion {
  /** RFC 3339, UTC. */
  readonly promotedAt: string;
  /** Absent when the image was at the destination already and no source had it any more. */
  readonly source?: { readonly reference: string; readonly digest: string };
  readonly destination: { readonly reference: string; readonly previousDigest?: string };
  readonly promoter: { readonly version: string; readonly identity: PromoterIdentity };
  readonly application?: Application;
  readonly gates: readonly { readonly gate: string; readonly passed: boolean; readonly detail: string }[];
}

/** {@link https://github.com/in-toto/attestation/blob/v1.1.0/spec/v1/statement.md} */
export interface PromotionStatement {
  readonly _type: typeof statementType;
  readonly subject: readonly {
    readonly name: string;
    readonly digest: Readonly<Record<string, string>>;
  }[];
  readonly predicateType: typeof predicateType;
  readonly predicate: Promotion;
}

/** States a promotion of the image that `name` (its repository) holds under `digest`. */
export function promotionStatement(name: string, digest: Digest, predicate: Promotion): PromotionStatement {
  const subject = [{ name, digest: { [algorithmOf(digest)]: encodedPart(digest) } }];
  return { _type: statementType, subject, predicateType, predicate };
}

/** True when the statement is about the image of this digest. */
export function isAbout({ subject }: PromotionStatement, image: Digest): boolean {
  return subject.some(({ digest }) => digest[algorithmOf(image)] === encodedPart(image));
}

/** True when both state the same promotion, whenever each was made. */
export function isSamePromotion(one: PromotionStatement, other: PromotionStatement): boolean {
  const timeless = ({ predicate, ...rest }: PromotionStatement) =>
    JSON.stringify({ ...rest, predicate: { ...predicate, promotedAt: "" } });
  return timeless(one) === timeless(other);
}

/**
 * Reads a statement that may come from anybody: what is not of the expected form is left out.
 *
 * @returns "other" for a statement of something else, undefined for what is no statement, or lacks what each has.
 */
export function readStatement(bytes: Uint8Array): PromotionStatement | "other" | undefined {
  const document = parse(bytes);
  if (!isObject(document) || document._type !== statementType) return undefined;
  if (document.predicateType !== predicateType) return "other";
  const { subject, predicate } = document;
  const promotion = isObject(predicate) ? readPromotion(predicate) : undefined;
  if (promotion === undefined || !Array.isArray(subject)) return undefined;
  const subjects = subject.filter(isObject).map(({ name, digest }) => ({
    name: typeof name === "string" ? name : "",
    digest: isObject(digest) ? texts(digest) : {},
  }));
  return { _type: statementType, subject: subjects, predicateType, predicate: promotion };
}

function readPromotion(predicate: Record<string, unknown>): Promotion | undefined {
  const { promotedAt, source, destination, promoter, application, gates } = predicate;
  if (typeof promotedAt !== "string" || Number.isNaN(Date.parse(promotedAt))) return undefined;
  const { reference, previousDigest } = fields(destination);
  if (reference === undefined) return undefined;
  const from = fields(source);
  const { name, ...syncing } = fields(application);
  const digest = from.digest ?? "";
  return {
    promotedAt,
    ...(from.reference !== undefined &&
      isDigest(digest) && { source: { reference: from.reference, digest } }),
    destination: { reference, ...(previousDigest !== undefined && { previousDigest }) },
    promoter: {
      version: fields(promoter).version ?? "",
      identity: isObject(promoter) ? fields(promoter.identity) : {},
    },
    ...(name !== undefined && { application: { name, ...syncing } }),
    gates: Array.isArray(gates) ? gates.filter(isObject).map(readGate) : [],
  };
}

function readGate({ gate, passed, detail }: Record<string, unknown>): Promotion["gates"][number] {
  return { gate: asText(gate), passed: passed === true, detail: asText(detail) };
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function fields(value: unknown): Partial<Record<string, string>> {
  return isObject(value) ? texts(value) : {};
}

function texts(object: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(object).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
