import { differs, environmentDiff } from "../comparison/environment-diff.ts";
import { findImage, writtenImage } from "../comparison/find-image.ts";
import { type ModulePair, modulePairs, nameBelow } from "../comparison/module-pairs.ts";
import { allRegistries, allRoutes } from "../config/all-environments.ts";
import { resolveSettings, type Settings } from "../config/settings.ts";
import { PromoterError } from "../error.ts";
import type { Reference } from "../oci/reference.ts";
import type { RegistryPrefix, Route } from "../promotion/route.ts";
import { wantsColor } from "../report/color.ts";
import { formatDiffMarkdown, formatDiffText } from "../report/environment-diff.ts";
import { formatted } from "../report/formatted.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { exitCodeOfErrors, exitCodes } from "./exit-code.ts";
import { imagesOfPlace } from "./images-of-place.ts";
import { loadConfigurationFile } from "./load-settings.ts";
import { withRegistries } from "./run-promotion.ts";

/** `diff`: what differs between two environments. */
export async function diff({ flags, images: sides }: CommandInput, command: CommandContext): Promise<number> {
  const { runtime } = command;
  const [a = "-", b = "-"] = sides;
  if (a === "-" && b === "-") {
    throw new PromoterError("Usage", "Standard input can be read once only", {
      hint: "Give - to one side, and a folder or a file to the other",
    });
  }
  const configuration = await loadConfigurationFile({ flags }, runtime);
  const sources = { flags, env: { ...runtime.env, PROMOTER_ENVIRONMENT: "" }, configuration };
  const settings: Settings = { ...resolveSettings(sources), registries: allRegistries(configuration) };
  const routes = allRoutes(sources);
  const prefixes = [
    ...settings.environments.map(({ registry }) => registry),
    ...routes.flatMap(({ to, from }) => [to, ...from]),
  ];
  const imagesOf = async (side: string) =>
    (await imagesOfPlace(side, settings, runtime)).map(({ reference }) => reference);
  const [ofA, ofB] = [await imagesOf(a), await imagesOf(b)];
  const pairs = modulePairs(ofA, ofB, prefixes);
  const found =
    flags.offline === true ? pairs.map(written) : await ask(pairs, { settings, routes, prefixes }, command);
  const result = environmentDiff({ a, b }, found);
  const color = wantsColor(runtime.env, runtime.stdout.isTerminal);
  runtime.stdout.write(
    await formatted(settings.output, {
      document: () => result,
      text: () => formatDiffText(result, { color }),
      markdown: () => formatDiffMarkdown(result),
    }),
  );
  const errors = found.flatMap((pair) => [...pair.a, ...pair.b]).flatMap(({ error }) => error ?? []);
  if (errors.length > 0) return exitCodeOfErrors(errors);
  return differs(result) ? exitCodes.workToDo : exitCodes.done;
}

function written({ module, a, b }: ModulePair) {
  return { module, a: a.map(writtenImage), b: b.map(writtenImage) };
}

interface Asking {
  readonly settings: Settings;
  readonly routes: readonly Route[];
  readonly prefixes: readonly RegistryPrefix[];
}

/** Asks the registries that somebody named; where nobody named any, all that images are from. */
function ask(pairs: readonly ModulePair[], { settings, routes, prefixes }: Asking, command: CommandContext) {
  return withRegistries(settings, command, ({ context }) => {
    const find = (image: Reference) =>
      prefixes.length === 0 || nameBelow(image, prefixes) !== undefined
        ? findImage(image, routes, context)
        : Promise.resolve(writtenImage(image));
    return Promise.all(
      pairs.map(async ({ module, a, b }) => ({
        module,
        a: await Promise.all(a.map(find)),
        b: await Promise.all(b.map(find)),
      })),
    );
  });
}
