import type { Settings } from "../config/settings.ts";
import type { Promotion } from "../parts.ts";
import type { PromotionContext } from "../promotion/context.ts";
import { attempt, type Check, examineImages } from "../promotion/examine.ts";
import { formatChecks } from "../report/checks.ts";
import { wantsColor } from "../report/color.ts";
import type { Runtime } from "../runtime.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { exitCodes } from "./exit-code.ts";
import { isRoutedBy } from "./is-routed.ts";
import { loadSettings } from "./load-settings.ts";
import { readText, readWantedImages, wantedRoutes } from "./read-images.ts";
import { withRegistries } from "./run-promotion.ts";

/** `doctor`: tries what a promotion takes, and says how to mend what is missing. */
export async function doctor(input: CommandInput, given: CommandContext): Promise<number> {
  const runtime = readingOnce(given.runtime);
  const command = { ...given, runtime };
  const settings = await loadSettings(input, runtime);
  const named = settings.images.length + settings.filenames.length + settings.imagesFiles.length > 0;
  const wanted = named ? await readWantedImages(settings, runtime) : [];
  const hooks = await examineHooks(settings, runtime);
  const createRepositories = settings.createRepositories !== false;
  const checks = await withRegistries(settings, command, async ({ promotion, context }) => [
    ...(await connect(settings, promotion, context)),
    ...(await examineImages(wanted, { createRepositories, ...promotion.planning }, context)),
    ...hooks,
  ]);
  const color = wantsColor(runtime.env, runtime.stdout.isTerminal);
  runtime.stdout.write(await formatChecks(checks, settings.output, color));
  return exitCodeOfChecks(checks);
}

/** Manifests are read for their images and again for their hooks. */
function readingOnce(runtime: Runtime): Runtime {
  let input: Promise<string> | undefined;
  return {
    ...runtime,
    readInput() {
      input ??= runtime.readInput();
      return input;
    },
  };
}

/** The traps of hooks that the manifests walk into. */
async function examineHooks(settings: Settings, runtime: Runtime): Promise<Check[]> {
  if (settings.filenames.length === 0) return [];
  const { checkHooks } = await import("../render/hooks/hook-checks.ts");
  const isRouted = isRoutedBy(wantedRoutes(settings));
  const checks: Check[] = [];
  for (const file of settings.filenames) {
    const text = await readText(file, runtime);
    for (const { object, place, status, message, hint } of checkHooks(text, file, { isRouted })) {
      checks.push({ subject: `${object} (${place})`, check: "hook", status, message, hint });
    }
  }
  return checks;
}

async function connect(
  settings: Settings,
  promotion: Promotion,
  context: PromotionContext,
): Promise<Check[]> {
  const hosts = new Map<string, "source" | "destination">();
  for (const { from, to } of wantedRoutes(settings)) {
    for (const { host } of from) hosts.set(host, "source");
    hosts.set(to.host, "destination");
  }
  const checks = await Promise.all(
    [...hosts].map(([host, side]) =>
      attempt({ side, subject: host, check: "connect" }, context, async () => {
        await promotion.ping(host, context);
        return "reached, and the credentials are taken";
      }),
    ),
  );
  return checks.filter((check) => check !== undefined);
}

function exitCodeOfChecks(checks: readonly Check[]): number {
  const failed = checks.filter(({ status }) => status === "failed");
  if (failed.length === 0) return exitCodes.done;
  return failed.every(({ temporary }) => temporary) ? exitCodes.temporary : exitCodes.permanent;
}
