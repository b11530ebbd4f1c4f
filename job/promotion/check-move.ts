import { PromoterError } from "../error.ts";
import type { ContentWriter } from "../oci/content.ts";
import type { Reference } from "../oci/reference.ts";
import { limited, type PromotionContext } from "./context.ts";
import type { Decision } from "./decide.ts";
import { repositoryOf } from "./route.ts";

/** @throws {PromoterError} `OverwriteRefused` or `TagImmutable` when the tag stands for another digest and must stay. */
export async function checkMove(
  destination: Reference,
  decision: Decision,
  to: ContentWriter,
  context: PromotionContext,
): Promise<void> {
  if (!("moves" in decision) || decision.moves === undefined || destination.tag === undefined) return;
  const { tag } = destination;
  const standsFor = `${repositoryOf(destination)}:${tag} stands for ${decision.moves}`;
  if (context.overwrite === "never") {
    throw new PromoterError("OverwriteRefused", `Refused to move a tag: ${standsFor}`, {
      side: "destination",
      hint: "Promote under a new tag, or allow moving tags with --overwrite mutable",
    });
  }
  const immutable = await limited(context, "destination", async (waiting) => to.isImmutable?.(tag, waiting));
  if (immutable !== true) return;
  throw new PromoterError(
    "TagImmutable",
    `Cannot move an immutable tag: ${standsFor}, and another image is wanted`,
    {
      side: "destination",
      hint: "Promote under a new tag; the repository's settings forbid that a tag changes its meaning",
    },
  );
}
