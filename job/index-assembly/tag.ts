import { PromoterError } from "../error.ts";
import type { ContentWriter } from "../oci/content.ts";
import type { Digest } from "../oci/digest.ts";
import { formatReference } from "../oci/reference.ts";
import { limited, type PromotionContext } from "../promotion/context.ts";
import type { IndexRequest } from "./request.ts";

/**
 * Refuses to move a tag that must stay, before anything is written.
 *
 * @throws {PromoterError} `OverwriteRefused` under `--overwrite never`; `TagImmutable` where the repository forbids it.
 */
export async function checkMove(
  { target }: IndexRequest,
  previous: Digest,
  to: ContentWriter,
  context: PromotionContext,
): Promise<void> {
  const standsFor = `${formatReference(target)} stands for ${previous}`;
  if (context.overwrite === "never") {
    throw new PromoterError("OverwriteRefused", `Refused to move a tag: ${standsFor}`, {
      side: "destination",
      hint: "Give the index a new tag, or allow moving tags with --overwrite mutable",
    });
  }
  const immutable = await limited(context, "destination", async (waiting) =>
    to.isImmutable?.(target.tag, waiting),
  );
  if (immutable !== true) return;
  throw new PromoterError("TagImmutable", `Cannot move an immutable tag: ${standsFor}`, {
    side: "destination",
    hint: "Give the index a new tag; the repository's settings forbid that a tag changes its meaning",
  });
}
