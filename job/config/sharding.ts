import { PromoterError } from "../error.ts";
import type { Shard } from "../replication/shard.ts";
import type { LimitedAction } from "./ecr-quota.ts";
import { givenBy, type SettingSources, settingOf } from "./setting.ts";
import { parseShardIndex } from "./setting-numbers.ts";
import { shardingSettings as settings } from "./sharding-setting-table.ts";

/** How a run takes part in a work that several runs do together. */
export interface ShardingSettings {
  /** What of the work is this run's; absent where all of it is. */
  readonly shard?: Shard;
  /** The part of ECR's request quotas that this run may use: above 0, at most 1. */
  readonly quotaShare: number;
  /** The quotas that AWS has raised, in requests per second of an account and region. */
  readonly ecrQuotas: ReadonlyMap<LimitedAction, number>;
  /** Whether the destination's tags are listed first, and what has one is left as it is. */
  readonly missingOnly: boolean;
}

/** What Kubernetes sets in the pods of an Indexed Job. */
const completionIndex = "JOB_COMPLETION_INDEX";

/**
 * The settings of a divided work. Each of N shards has an Nth of the quotas, unless it is told how many run at a time.
 *
 * @throws {PromoterError} `Usage` when the shards are not numbered; `InvalidConfiguration` for a wrong variable.
 */
export function shardingOf(input: SettingSources): ShardingSettings {
  const shard = shardOf(input);
  return {
    ...(shard !== undefined && { shard }),
    quotaShare: settingOf(settings.quotaShare, input) ?? 1 / (shard?.count ?? 1),
    ecrQuotas: new Map(settingOf(settings.ecrQuota, input)),
    missingOnly: settingOf(settings.missingOnly, input),
  };
}

function shardOf(input: SettingSources): Shard | undefined {
  const count = settingOf(settings.shards, input);
  const index = settingOf(settings.shard, input) ?? indexInJob(input.env);
  if (count === undefined) {
    // Whoever runs an Indexed Job of another kind has the index, too.
    if (givenBy(settings.shard, input) === undefined) return undefined;
    throw new PromoterError("Usage", "Nobody said how many shards there are", {
      hint: `Add --shards NUMBER or set ${settings.shards.variable}`,
    });
  }
  if (index === undefined && count > 1) {
    throw new PromoterError("Usage", `Nobody said which of the ${count} shards this is`, {
      hint: `Add --shard INDEX, or run it in an Indexed Job, which sets ${completionIndex}`,
    });
  }
  if ((index ?? 0) >= count) {
    throw new PromoterError("Usage", `There is no shard ${index} of ${count}: the first is 0`, {
      hint: `Give --shard a number from 0 to ${count - 1}, or the Job as many completions as there are shards`,
    });
  }
  return { index: index ?? 0, count, by: settingOf(settings.shardBy, input) };
}

function indexInJob(env: SettingSources["env"]): number | undefined {
  const written = env[completionIndex]?.trim() ?? "";
  if (written === "") return undefined;
  try {
    return parseShardIndex(written);
  } catch (cause) {
    throw new PromoterError(
      "InvalidConfiguration",
      `${completionIndex} is no index: ${JSON.stringify(written)}`,
      {
        cause,
        hint: "Leave it to Kubernetes, or give --shard",
      },
    );
  }
}
