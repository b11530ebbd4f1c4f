import { asPromoterError, hasCode, PromoterError } from "../error.ts";
import type { Digest } from "../oci/digest.ts";
import { isRefusal, saysIncomplete } from "./attachments.ts";
import { limited, type PromotionContext } from "./context.ts";
import type { ImageWork } from "./image.ts";

/**
 * Has the promotion attested where that is wanted, so that whoever sees the tag finds the statement.
 *
 * @returns the digest of the statement's manifest, or undefined where none is wanted.
 * @throws {PromoterError} `AttestationFailed`; temporary where trying later may help.
 */
export async function attestPromotion(
  { root, to, claim }: ImageWork,
  context: PromotionContext,
): Promise<Digest | undefined> {
  if (claim === undefined || context.attestor === undefined) return undefined;
  const { descriptor } = root.manifest;
  try {
    return await context.attestor.attest(
      { root: descriptor, to, claim },
      {
        ask: (work) => limited(context, "destination", work),
        ...(context.signal && { signal: context.signal }),
      },
    );
  } catch (thrown) {
    context.signal?.throwIfAborted();
    if (hasCode(thrown, "Aborted")) throw thrown;
    throw attestationFailed(asPromoterError(thrown), `${to.host}/${to.repository}@${descriptor.digest}`);
  }
}

/**
 * The same before the image's root is there. @returns undefined, too, where the destination wants the root first.
 */
export async function attestEarly(work: ImageWork, context: PromotionContext): Promise<Digest | undefined> {
  try {
    return await attestPromotion(work, context);
  } catch (error) {
    if (hasCode(error, "AttestationFailed") && (isRefusal(error.cause) || saysIncomplete(error.cause))) {
      return undefined;
    }
    throw error;
  }
}

function attestationFailed(cause: PromoterError, image: string): PromoterError {
  const { message, hint, request, status, temporary, side } = cause;
  const advice = hint ?? (isRefusal(cause) ? refusedHint : undefined);
  return new PromoterError("AttestationFailed", `Cannot attest the promotion of ${image}: ${message}`, {
    cause,
    temporary,
    ...(side !== undefined && { side }),
    ...(advice !== undefined && { hint: advice }),
    ...(request !== undefined && { request }),
    ...(status !== undefined && { status }),
  });
}

const refusedHint =
  "Promote to a registry that takes manifests with a subject, or without attestation.enabled (--attest)";
