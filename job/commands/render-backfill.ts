import { configurationPath } from "../config/settings.ts";
import { PromoterError } from "../error.ts";
import { parseReference } from "../oci/reference.ts";
import { renderBackfill } from "../render/backfill.ts";
import type { BackfillWork } from "../render/backfill-values.ts";
import type { Shard } from "../replication/shard.ts";
import { shardSizes } from "../replication/shard.ts";
import type { Runtime } from "../runtime.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { jobRelease, jobRoutes, jobValues } from "./job-values.ts";
import { loadSettings } from "./load-settings.ts";
import { readImageRequests, readText } from "./read-images.ts";
import { selectImages } from "./select-images.ts";
import { settingsLogger } from "./settings-logger.ts";
import { writeRendered } from "./write-rendered.ts";

type Flags = CommandInput["flags"];

const defaults = { parallelism: 4, shardsPerPod: 4, backoffLimitPerIndex: 3 };
/** Where the largest shard has so many times the images of the mean, repositories are divided too. */
const uneven = 1.25;

/** `render backfill`: an Indexed Job for very many images, with their lists. */
export async function renderBackfillFiles(input: CommandInput, { runtime }: CommandContext): Promise<number> {
  const { flags } = input;
  const settings = await loadSettings(input, runtime);
  const values = await jobValues(flags, settings, runtime);
  const log = settingsLogger(settings, runtime);
  const work = flags.sync === true ? await workByRules(input, runtime) : await workByList();
  const parallelism = numberOf(flags.parallelism) ?? defaults.parallelism;
  const most = "images" in work ? Math.max(1, work.images.length) : Number.POSITIVE_INFINITY;
  const completions = Math.min(most, numberOf(flags.completions) ?? parallelism * defaults.shardsPerPod);
  const shardBy = shardByOf(flags, work, completions);
  const { maxFailedIndexes, succeededCount } = limitsOf(flags, completions);
  if ("images" in work) log.info({}, describeDivision(work.images, { count: completions, by: shardBy }));
  await log.flush();
  const files = renderBackfill(values, {
    ...jobRelease(flags, runtime.env),
    work,
    completions,
    parallelism: Math.min(parallelism, completions),
    shardBy,
    backoffLimitPerIndex: numberOf(flags.backoffLimitPerIndex) ?? defaults.backoffLimitPerIndex,
    ...(maxFailedIndexes !== undefined && { maxFailedIndexes }),
    ...(succeededCount !== undefined && { succeededCount }),
    missingOnly: settings.missingOnly,
    ecrQuotas: settings.ecrQuotas,
  });
  return writeRendered(files, input, runtime);

  async function workByList(): Promise<BackfillWork> {
    const { strict } = settings;
    const requests = await readImageRequests(settings, runtime);
    const images = selectImages(requests, { routes: jobRoutes(settings, values), strict, log });
    if (images.length > 0) return { images };
    throw new PromoterError("Usage", "There is no image to move: no route leads to any", {
      hint: "Give --images-file FILE with images as they are called at the destination, or --sync",
    });
  }
}

/** The file goes along as it is: its routes, environments and rules are those that the pods go by. */
async function workByRules({ flags, images }: CommandInput, runtime: Runtime): Promise<BackfillWork> {
  const path = configurationPath({ flags, env: runtime.env });
  if (
    path === undefined ||
    images.length > 0 ||
    flags.imagesFile !== undefined ||
    flags.filename !== undefined
  ) {
    throw new PromoterError(
      "Usage",
      "--sync moves what the rules of a configuration choose, and nothing else",
      {
        hint: "Give --config FILE with rules under sync, and no images",
      },
    );
  }
  const { environment } = flags;
  return {
    rules: await readText(path, runtime),
    ...(typeof environment === "string" && { environment }),
  };
}

/** By repository, which sends less, unless single repositories would keep their shards busy for long. */
function shardByOf({ shardBy }: Flags, work: BackfillWork, completions: number): Shard["by"] {
  if (shardBy === "repository" || shardBy === "image") return shardBy;
  if (!("images" in work)) return "repository";
  const sizes = shardSizes(work.images.map(parseReference), { count: completions, by: "repository" });
  return Math.max(...sizes) > (uneven * work.images.length) / completions ? "image" : "repository";
}

function limitsOf({ maxFailedIndexes, succeededCount }: Flags, completions: number) {
  const limits = { maxFailedIndexes: numberOf(maxFailedIndexes), succeededCount: numberOf(succeededCount) };
  for (const limit of Object.values(limits)) {
    if (limit === undefined || limit <= completions) continue;
    throw new PromoterError("Usage", `There are ${completions} shards, fewer than ${limit}`, {
      hint: "Give --max-failed-indexes and --succeeded-count no more than --completions",
    });
  }
  return limits;
}

function describeDivision(images: readonly string[], division: Pick<Shard, "count" | "by">): string {
  const sizes = shardSizes(images.map(parseReference), division);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  return `${images.length} images in ${division.count} shards of ${least} to ${most}, divided by ${division.by}`;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
