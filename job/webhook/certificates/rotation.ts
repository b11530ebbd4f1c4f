import {
  type CertificateDemands,
  flawOf,
  isVouchedFor,
  validCertificates,
  validityOf,
} from "./check-certificate.ts";
import type { IssuedCertificate } from "./make-certificate.ts";
import type { TlsSecret } from "./tls-secret.ts";

export interface RotationRules {
  /** What the server is called. */
  readonly names: readonly string[];
  /** Milliseconds for which a certificate is issued. */
  readonly lifetimeMs: number;
}

/** What is to be done about a certificate now. */
export type RotationStep =
  /** There is none that can be served. */
  | { readonly type: "begin" }
  /** It ends before long: its successor is to be made, and its authority to be made known. */
  | { readonly type: "prepare" }
  /** The successor is to be served, as soon as every client trusts its authority, or at once. */
  | { readonly type: "switch"; readonly atOnce: boolean }
  /** Nothing until then, in milliseconds since the epoch. */
  | { readonly type: "rest"; readonly until: number };

/** A clock may be behind ours: certificates hold from an hour before they are made, or less when they are short-lived. */
const mostBackdatingMs = 3_600_000;

/** Decides by what the Secret holds. */
export function nextStep(secret: TlsSecret, { names, lifetimeMs }: RotationRules, now: number): RotationStep {
  const { current, next } = secret;
  const demands: CertificateDemands = { names, now };
  const hasNext = next !== undefined && flawOf(next, demands) === undefined;
  const isUsable =
    current !== undefined &&
    flawOf(current, demands) === undefined &&
    isVouchedFor(current.certificate, secret.authorities, now);
  if (!isUsable) return hasNext ? { type: "switch", atOnce: true } : { type: "begin" };
  if (hasNext) return { type: "switch", atOnce: false };
  // Two thirds of its time, as is the habit, so that a third is left for what may go wrong.
  const until = (validityOf(current.certificate)?.until ?? 0) - lifetimeMs / 3;
  return until <= now ? { type: "prepare" } : { type: "rest", until };
}

/** When a certificate that is made now should hold. */
export function validityFrom(now: number, { lifetimeMs }: RotationRules) {
  return { notBefore: now - Math.min(mostBackdatingMs, lifetimeMs), notAfter: now + lifetimeMs };
}

/** Serves a new certificate at once; whom clients trusted they go on to trust until it ends. */
export function begun({ authorities }: TlsSecret, issued: IssuedCertificate, now: number): TlsSecret {
  const { authority, certificate, key } = issued;
  return { current: { certificate, key }, authorities: bundle([authority], authorities, now) };
}

/** Keeps a new certificate for later, and has its authority trusted beforehand. */
export function prepared(secret: TlsSecret, next: IssuedCertificate, now: number): TlsSecret {
  const { current, authorities } = secret;
  return {
    ...(current !== undefined && { current }),
    authorities: bundle([next.authority], authorities, now),
    next,
  };
}

/** Serves what was kept. The former authority stays trusted: some replica may not have heard of the change. */
export function switched({ authorities, next, current }: TlsSecret, now: number): TlsSecret {
  if (next === undefined) return { authorities, ...(current !== undefined && { current }) };
  const { authority, certificate, key } = next;
  return { current: { certificate, key }, authorities: bundle([authority], authorities, now) };
}

/** Those given first, then those that were there already and still hold, each once. */
function bundle(first: readonly string[], before: string, now: number): string {
  return [
    ...new Set([...first.flatMap((pem) => validCertificates(pem, now)), ...validCertificates(before, now)]),
  ].join("");
}
