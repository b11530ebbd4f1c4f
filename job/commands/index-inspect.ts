import { mapConcurrent } from "../async/map-concurrent.ts";
import { inspectIndex } from "../index-assembly/inspect.ts";
import { parseReference } from "../oci/reference.ts";
import { wantsColor } from "../report/color.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { exitCodes } from "./exit-code.ts";
import { formatInspected } from "./format-indexes.ts";
import { loadSettings } from "./load-settings.ts";
import { withRegistries } from "./run-promotion.ts";

/** `index inspect`: what indexes hold. */
export async function inspectIndexes(input: CommandInput, command: CommandContext): Promise<number> {
  const { runtime } = command;
  const loaded = await loadSettings({ ...input, images: [] }, runtime);
  const { attestation: _, ...settings } = { ...loaded, gates: {} };
  const references = input.images.map(parseReference);
  const indexes = await withRegistries(settings, command, ({ context }) =>
    mapConcurrent(references, context.limit.size, (reference) => inspectIndex(reference, context)),
  );
  const color = wantsColor(runtime.env, runtime.stdout.isTerminal);
  runtime.stdout.write(await formatInspected(indexes, settings.output, color));
  return exitCodes.done;
}
