import { withSignal } from "../../async/with-signal.ts";
import type { Waiting } from "../../oci/content.ts";
import { verifyCertified } from "./certified.ts";
import { SignatureDefect } from "./defect.ts";
import type { SignaturePolicy } from "./policy.ts";
import { isSignedBy } from "./public-key.ts";
import type { SignedContent } from "./signed-content.ts";

/**
 * Who made a signature, among those whose signature suffices.
 *
 * @throws {SignatureDefect} when none of them did.
 * @throws {PromoterError} when the trusted root is needed and cannot be had.
 */
export async function findSigner(
  { data, signature, certified }: SignedContent,
  { keys, identities, trust }: SignaturePolicy,
  { signal }: Waiting,
): Promise<string> {
  const key = keys.find((candidate) => isSignedBy(candidate, data, signature));
  if (key !== undefined) return `the key ${key.name}`;
  if (identities.length === 0) throw new SignatureDefect(noKey);
  if (certified === undefined) {
    throw new SignatureDefect(
      keys.length === 0 ? "it has no certificate" : `${noKey}, and it has no certificate`,
    );
  }
  const { subject, issuer } = await verifyCertified(certified, await withSignal(trust(), signal), identities);
  return `${subject} of ${issuer}`;
}

const noKey = "none of the keys made it";
