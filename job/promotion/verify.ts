import { PromoterError } from "../error.ts";
import { limited, type PromotionContext } from "./context.ts";
import type { ImageWork } from "./image.ts";

/**
 * Asks the destination once more what the tag stands for.
 *
 * @throws {PromoterError} `VerificationFailed` when it is not what was put there.
 */
export async function verifyImage(work: ImageWork, context: PromotionContext): Promise<void> {
  const { to, tag, root } = work;
  const wanted = root.manifest.descriptor.digest;
  const target = tag ?? wanted;
  const found = await limited(context, "destination", (waiting) => to.resolve(target, waiting));
  if (found?.digest === wanted) return;
  const name = `${to.host}/${to.repository}${tag === undefined ? "@" : ":"}${target}`;
  throw new PromoterError(
    "VerificationFailed",
    `Pushed ${wanted} and found ${found === undefined ? "nothing" : found.digest} at ${name}`,
    {
      side: "destination",
      hint: "Look for another process that pushes this tag, then run the promotion again",
      temporary: true,
    },
  );
}
