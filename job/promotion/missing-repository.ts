import { PromoterError } from "../error.ts";
import type { ContentWriter } from "../oci/content.ts";

/** The repository that an image should go to is not there, and nobody asked for it to be made. */
export function missingRepository(to: ContentWriter): PromoterError {
  return new PromoterError("NameUnknown", `The repository ${to.host}/${to.repository} does not exist`, {
    side: "destination",
    hint: "Create it, or promote with --create-repositories",
  });
}
