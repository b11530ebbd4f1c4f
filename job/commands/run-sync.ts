import type { Settings } from "../config/settings.ts";
import type { SyncSettings } from "../config/sync-settings.ts";
import { PromoterError } from "../error.ts";
import { formatOrigin, uniqueRequests } from "../images/image-request.ts";
import { formatReference } from "../oci/reference.ts";
import type { WantedImage } from "../promotion/image.ts";
import { imageReport, reportedError } from "../promotion/image-report.ts";
import { planPromotion } from "../promotion/plan.ts";
import {
  type ImageReport,
  type PromotionReport,
  promotionReport,
  type ReportedError,
} from "../promotion/report.ts";
import { repositoryOf } from "../promotion/route.ts";
import { wantedImages } from "../promotion/wanted.ts";
import { findImages, type RuledRepository } from "../replication/find-images.ts";
import { type LimitedImages, limitImages } from "../replication/limit-images.ts";
import { promoteInBatches } from "../replication/promote-in-batches.ts";
import type { SyncReport } from "../replication/removal-report.ts";
import { imagesOfShard } from "../replication/shard.ts";
import type { CommandContext } from "./command.ts";
import { runPrune } from "./prune.ts";
import { readImageRequests } from "./read-images.ts";
import { runPromotion, withRegistries } from "./run-promotion.ts";

/** Finds what rules want, adds what is named, and promotes it, or plans to. */
export async function runSync(
  settings: Settings,
  { rules, limit, prune }: SyncSettings,
  command: CommandContext,
): Promise<SyncReport> {
  const { clock } = command.runtime;
  const startedAt = clock.now();
  const named = await namedImages(settings, command);
  if (rules.length + named.length === 0) throw withoutRules();
  const repositories = await withRegistries(settings, command, ({ promotion: { catalog }, context }) =>
    findImages({ rules, routes: settings.routes, catalog, now: startedAt, shard: settings.shard }, context),
  );
  const limited = limitImages(ruledImages(repositories, named, settings), limit);
  const wanted = [...imagesOfShard(named, settings.shard), ...limited.now.map((image) => image.wanted)];
  const done = await promoteOrPlan(settings, wanted, command);
  const images = [...done.images, ...reportsOfOthers(limited), ...repositories.flatMap(failureOf)];
  const { kind, estimate } = done;
  const report = (): PromotionReport =>
    promotionReport({ kind, startedAt, images, now: clock.now(), ...(estimate && { estimate }) });
  if (prune === undefined) return report();
  if (images.some(({ status }) => status === "failed")) return { ...report(), pruneError: notAllThere };
  const pruned = await runPrune({ settings, prune, rules, repositories, named }, command);
  return { ...report(), ...pruned };
}

/** What failed is in the report as it is; that it may be tried again is for its own error to say. */
const notAllThere: ReportedError = {
  code: "PruneRefused",
  message: "Nothing was removed: not all that is wanted is there",
  hint: "Mend what failed, and run it again",
  temporary: true,
};

/** Images of manifests and lists; those that no route leads to are none of ours. */
async function namedImages(settings: Settings, { runtime }: CommandContext): Promise<readonly WantedImage[]> {
  const requests = await readImageRequests({ ...settings, images: [] }, runtime);
  const wishes = uniqueRequests(requests).map(({ reference, origin }) => ({
    reference,
    origin: formatOrigin(origin),
  }));
  return wantedImages(wishes, settings.routes, { strict: settings.strict });
}

/** What rules want, but for what is named anyway, and for what is another run's. */
function ruledImages(
  repositories: readonly RuledRepository[],
  named: readonly WantedImage[],
  { shard }: Settings,
) {
  const names = new Set(named.map(({ destination }) => `${repositoryOf(destination)}:${destination.tag}`));
  const images = repositories
    .flatMap((repository) => repository.images)
    .filter(({ wanted: { destination } }) => !names.has(formatReference(destination)));
  const ours = new Set(
    imagesOfShard(
      images.map(({ wanted }) => wanted),
      shard,
    ),
  );
  return images.filter(({ wanted }) => ours.has(wanted));
}

async function promoteOrPlan(
  settings: Settings,
  wanted: readonly WantedImage[],
  command: CommandContext,
): Promise<PromotionReport> {
  return runPromotion(settings, wanted, command, ({ promotion, context }) => {
    if (!settings.dryRun) return promoteInBatches(wanted, context);
    const { onEvent: _, ...quiet } = context;
    const createRepositories = settings.createRepositories !== false;
    return planPromotion(wanted, { createRepositories, ...promotion.planning }, quiet);
  });
}

function reportsOfOthers({ there, later }: LimitedImages): readonly ImageReport[] {
  return [
    ...there.map(({ wanted, digest }) =>
      imageReport(wanted, { status: "up-to-date", ...(digest !== undefined && { digest }) }),
    ),
    ...later.map(({ wanted, digest }) =>
      imageReport(wanted, {
        status: "skipped",
        warnings: ["Waits for the next run: the limit is reached"],
        ...(digest !== undefined && { digest }),
      }),
    ),
  ];
}

/** A repository of which nobody knows what is wanted stands in the report by its name alone. */
function failureOf({ destination, rules, error }: RuledRepository): readonly ImageReport[] {
  if (error === undefined) return [];
  const origin = `the rule ${rules.map(({ name }) => name).join(" and ")}`;
  const wanted = { destination, sources: undefined, origin };
  return [imageReport(wanted, { status: "failed", error: reportedError(error) })];
}

function withoutRules(): PromoterError {
  return new PromoterError("Usage", "Nobody said what is to be replicated", {
    hint: "Write rules under sync.rules in a --config file, or name images by -f MANIFESTS or --images-file FILE",
  });
}
