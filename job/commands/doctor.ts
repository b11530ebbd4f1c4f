import type { Settings } from "../config/settings.ts";
import type { Promotion } from "../parts.ts";
import type { PromotionContext } from "../promotion/context.ts";
import { attempt, type Check, examineImages } from "../promotion/examine.ts";
import { formatChecks } from "../report/checks.ts";
import { wantsColor } from "../report/color.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { exitCodes } from "./exit-code.ts";
import { loadSettings } from "./load-settings.ts";
import { readWantedImages, wantedRoutes } from "./read-images.ts";
import { withRegistries } from "./run-promotion.ts";

/** `doctor`: tries what a promotion takes, and says how to mend what is missing. */
export async function doctor(input: CommandInput, command: CommandContext): Promise<number> {
  const { runtime } = command;
  const settings = await loadSettings(input, runtime);
  const named = settings.images.length + settings.filenames.length + settings.imagesFiles.length > 0;
  const wanted = named ? await readWantedImages(settings, runtime) : [];
  const createRepositories = settings.createRepositories !== false;
  const checks = await withRegistries(settings, command, async ({ promotion, context }) => [
    ...(await connect(settings, promotion, context)),
    ...(await examineImages(wanted, { createRepositories, ...promotion.planning }, context)),
  ]);
  const color = wantsColor(runtime.env, runtime.stdout.isTerminal);
  runtime.stdout.write(await formatChecks(checks, settings.output, color));
  return exitCodeOfChecks(checks);
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
