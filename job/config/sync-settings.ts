import { PromoterError } from "../error.ts";
import type { Keeping } from "../replication/plan-prune.ts";
import type { ReplicationRule } from "../replication/rule.ts";
import { replicationRules } from "./replication-rules.ts";
import { type SettingSources, settingOf } from "./setting.ts";
import { syncSettings as settings } from "./sync-setting-table.ts";

/** How what is no longer wanted is removed. */
export interface PruneSettings {
  readonly yes: boolean;
  readonly force: boolean;
  /** The most images that are removed. */
  readonly mostImages: number;
  /** The most of the tagged images that are removed, in percent. */
  readonly mostPercent: number;
  /** What is never removed. */
  readonly keep: readonly Keeping[];
}

/** What `sync` runs with, beside the settings of every promotion. */
export interface SyncSettings {
  readonly rules: readonly ReplicationRule[];
  /** The most missing images of one run. */
  readonly limit?: number;
  /** Absent when nothing is to be removed. */
  readonly prune?: PruneSettings;
}

/** @throws {PromoterError} `Usage` or `InvalidConfiguration`. */
export function syncSettingsOf(input: SettingSources): SyncSettings {
  const names = settingOf(settings.rule, input);
  const rules = replicationRules(input.configuration, names);
  const limit = settingOf(settings.limit, input);
  if (!settingOf(settings.prune, input)) return { rules, ...(limit !== undefined && { limit }) };
  if (rules.length === 0) {
    throw new PromoterError("Usage", "No rule says what may be removed", {
      hint: "Write rules under sync.rules in promoter.yaml: only what they are about is ever removed",
    });
  }
  if (names.length > 0) {
    throw new PromoterError("Usage", "Nothing can be removed without knowing what the other rules want", {
      hint: "Leave --rule out with --prune",
    });
  }
  const prune = {
    yes: settingOf(settings.yes, input),
    force: settingOf(settings.force, input),
    mostImages: settingOf(settings.pruneLimit, input),
    mostPercent: settingOf(settings.pruneFraction, input),
    keep: input.configuration?.sync?.keep ?? [],
  };
  return { rules, ...(limit !== undefined && { limit }), prune };
}
