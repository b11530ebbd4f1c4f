import { PromoterError } from "../error.ts";
import { formatReference, type Reference } from "../oci/reference.ts";

/** @returns the error for an image that neither the destination nor any source has. */
export function unknownEverywhere(destination: Reference, sources: readonly Reference[]): PromoterError {
  const asked = sources.map(formatReference).join(", ");
  return new PromoterError(
    "ManifestUnknown",
    `Cannot find ${formatReference(destination)} anywhere: asked ${asked}`,
    {
      side: "source",
      hint: "Check the tag, and that the build has pushed it to the source registry",
    },
  );
}
