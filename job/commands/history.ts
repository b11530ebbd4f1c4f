import { type PromotionRecord, readHistory } from "../attestation/history.ts";
import { PromoterError } from "../error.ts";
import { formatReference, type Reference, targetOf } from "../oci/reference.ts";
import { limited, type PromotionContext } from "../promotion/context.ts";
import { wantsColor } from "../report/color.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { exitCodes } from "./exit-code.ts";
import { formatHistory, type ImageHistory } from "./format-history.ts";
import { loadSettings, readingOnly } from "./load-settings.ts";
import { withRegistries } from "./run-promotion.ts";

/** `history`: the promotions of images, as they were attested. */
export async function history(input: CommandInput, command: CommandContext): Promise<number> {
  const { runtime, signal } = command;
  const settings = readingOnly(await loadSettings(input, runtime));
  const named = readKeys(input.flags);
  const parts = await command.loadParts();
  const keys = await parts.openPublicKeys(named, runtime, signal);
  const images = await withRegistries(settings, command, ({ context }) =>
    Promise.all(
      settings.images.map(async ({ reference }): Promise<ImageHistory> => {
        const { from, digest } = await find(reference, context);
        const { limit, signal: waiting } = context;
        const promotions = await readHistory(from, digest, {
          keys,
          concurrency: limit.size,
          ...(waiting && { signal: waiting }),
        });
        return { image: formatReference(reference), digest, promotions };
      }),
    ),
  );
  const color = wantsColor(runtime.env, runtime.stdout.isTerminal);
  runtime.stdout.write(await formatHistory(images, settings.output, color));
  const isProven = images.every(({ promotions }) => isTrusted(promotions, keys.length > 0));
  return isProven ? exitCodes.done : exitCodes.permanent;
}

function readKeys({ key }: CommandInput["flags"]): readonly string[] {
  return Array.isArray(key) ? key.filter((name) => typeof name === "string") : [];
}

async function find(reference: Reference, context: PromotionContext) {
  const from = context.repositories.source(reference);
  const found = await limited(context, "source", (waiting) => from.resolve(targetOf(reference), waiting));
  if (found !== undefined) return { from, digest: found.digest };
  throw new PromoterError("ManifestUnknown", `There is no image ${formatReference(reference)}`, {
    image: formatReference(reference),
    hint: "Check the tag, or name the image by its digest",
  });
}

/** With keys every statement must be signed by one of them, and there must be one: else somebody could take them away. */
function isTrusted(promotions: readonly PromotionRecord[], hasKeys: boolean): boolean {
  if (!hasKeys) return promotions.every(({ standing }) => standing !== "forged");
  return promotions.length > 0 && promotions.every(({ standing }) => standing === "verified");
}
