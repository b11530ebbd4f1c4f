import type { Settings } from "../config/settings.ts";
import type { PruneSettings } from "../config/sync-settings.ts";
import { asPromoterError, hasCode, PromoterError } from "../error.ts";
import { usedImages } from "../kubernetes/used-images.ts";
import { parseReference } from "../oci/reference.ts";
import type { WantedImage } from "../promotion/image.ts";
import { reportedError } from "../promotion/image-report.ts";
import { findImages, type RuledRepository } from "../replication/find-images.ts";
import { mergeFindings } from "../replication/merge-findings.ts";
import { type PrunePlan, planPrune, type UsedImage } from "../replication/plan-prune.ts";
import {
  agreedOnly,
  checkPruneLimits,
  plannedRemovals,
  removePlanned,
  sizeOfPrune,
} from "../replication/prune.ts";
import type { SyncReport } from "../replication/removal-report.ts";
import type { ReplicationRule } from "../replication/rule.ts";
import { formatRemovals } from "../report/removals.ts";
import type { Runtime } from "../runtime.ts";
import type { CommandContext } from "./command.ts";
import { privateEcrHost } from "./promotion-links.ts";
import { type PromotionRun, withRegistries } from "./run-promotion.ts";

export interface PruneWork {
  readonly settings: Settings;
  readonly prune: PruneSettings;
  readonly rules: readonly ReplicationRule[];
  /** What rules want, as it was found before anything was promoted. */
  readonly repositories: readonly RuledRepository[];
  /** What manifests and lists name: it stays. */
  readonly named: readonly WantedImage[];
}

/** What `sync` reports of removing. */
export type Pruned = Pick<SyncReport, "removals" | "pruneError">;

/**
 * @throws {PromoterError} `Usage` before anything is done, when nobody could agree to what would be removed, or this run
 * sees only a part of what is wanted.
 */
export function checkPrune(settings: Settings, { yes }: PruneSettings, { ask }: Runtime): void {
  if (settings.shard !== undefined) {
    throw new PromoterError("Usage", "One of several shards cannot tell what nobody wants", {
      hint: "Leave --prune to one run after all shards",
    });
  }
  if (settings.dryRun || yes || ask !== undefined) return;
  throw new PromoterError("Usage", "Nobody is there to agree to what --prune would remove", {
    hint: "See what it would remove with --dry-run, then add --yes",
  });
}

/** Removes what nobody wants, or says what that would be. Whatever goes wrong before, nothing is removed. */
export async function runPrune(work: PruneWork, command: CommandContext): Promise<Pruned> {
  try {
    return await withRegistries(work.settings, command, (run) => prune(work, run, command));
  } catch (thrown) {
    command.signal.throwIfAborted();
    return { pruneError: reportedError(thrown) };
  }
}

async function prune(work: PruneWork, run: PromotionRun, command: CommandContext): Promise<Pruned> {
  const { settings, rules, prune: limits } = work;
  const { catalog } = run.promotion;
  const contents = new Map();
  const plan = async () => {
    const used = await usersOf(work, command);
    // Others push and promote meanwhile: what a first plan was too early to see at the source, the second one sees.
    const finding = { rules, routes: settings.routes, catalog, now: command.runtime.clock.now() };
    const repositories = mergeFindings(work.repositories, await findImages(finding, run.context));
    return planPrune(repositories, { catalog, keep: limits.keep, used, contents }, run.context);
  };
  const plans = await plan();
  const removals = plannedRemovals(plans);
  try {
    if (!limits.force) checkPruneLimits(plans, limits);
  } catch (error) {
    return { removals, pruneError: reportedError(asPromoterError(error)) };
  }
  if (settings.dryRun || sizeOfPrune(plans).images === 0) return { removals };
  if (!limits.yes && !(await agrees(plans, command.runtime))) return { removals };
  // Much may have happened since the lists were made, above all while somebody read them.
  return { removals: await removePlanned(agreedOnly(await plan(), plans), catalog, run.context) };
}

async function agrees(plans: readonly PrunePlan[], { ask, stderr }: Runtime): Promise<boolean> {
  const { images, of } = sizeOfPrune(plans);
  stderr.write(formatRemovals(plannedRemovals(plans), { color: false }));
  const answer = await ask?.(`Remove ${images} of ${of} images? Type yes: `);
  return answer?.trim().toLowerCase() === "yes";
}

async function usersOf(
  { named, repositories, prune: { force } }: PruneWork,
  { runtime, signal }: CommandContext,
): Promise<readonly UsedImage[]> {
  const inCluster = await usedImages(runtime, signal);
  if (inCluster === undefined && named.length === 0 && !force) {
    throw new PromoterError("PruneRefused", "Nothing was removed: nobody can say what is still used", {
      hint: "Give the manifests by -f, set KUBECONFIG or run it in the cluster; or add --force",
    });
  }
  const used = [
    ...named.map(({ destination, origin = "an image that is named" }) => ({
      reference: destination,
      user: origin,
    })),
    ...(inCluster ?? []).flatMap(({ image, user }) => {
      const reference = readable(image);
      return reference === undefined ? [] : [{ reference, user }];
    }),
  ];
  const hosts = [...new Set(repositories.map(({ destination }) => destination.host))];
  return used.flatMap((image) => underAllNames(image, hosts));
}

/** An image as it is named, and as it would be by those of the hosts that serve the same registry. */
function underAllNames({ reference, user }: UsedImage, hosts: readonly string[]): readonly UsedImage[] {
  const registry = registryOf(reference.host);
  const others = hosts.filter((host) => host !== reference.host && registryOf(host) === registry);
  return [reference.host, ...others].map((host) => ({ reference: { ...reference, host }, user }));
}

/** ECR serves a registry under several names: by FIPS endpoints, and by those of two IP versions. */
function registryOf(host: string): string {
  const ecr = privateEcrHost({ host });
  return ecr === undefined ? host : `${ecr.accountId} ${ecr.region}`;
}

/** A cluster may hold what is no reference; that is none of ours then. */
function readable(image: string) {
  try {
    return parseReference(image);
  } catch (error) {
    if (hasCode(error, "InvalidReference")) return undefined;
    throw error;
  }
}
