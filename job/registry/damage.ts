import { hasCode, type PromoterError } from "../error.ts";

/**
 * True for content that failed its proof. It may have been altered on the way, so a second look is worth its bytes; a
 * third is not, and it is never more than a look: nothing of it is passed on.
 */
export function isDamage(error: unknown): error is PromoterError {
  return hasCode(error, "DigestMismatch", "SizeMismatch");
}
