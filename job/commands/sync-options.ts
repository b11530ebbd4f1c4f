import type { Command } from "commander";
import { syncSettings } from "../config/sync-setting-table.ts";
import type { Run } from "./command.ts";
import {
  addOwnSettings,
  addSettingOptions,
  copySettings,
  gateSettings,
  notifySettings,
  outputSettings,
  routeSettings,
} from "./options.ts";

/** `sync`: replication by rule. */
export function addSyncCommand(program: Command, run: Run): void {
  const command = program
    .command("sync")
    .summary("replicate repositories by rule")
    .description(
      "Sees that whatever the rules of promoter.yaml want, and manifests name, is at its destination. Removes nothing without --prune.",
    );
  addOwnSettings(command, syncSettings);
  addSettingOptions(
    command,
    "filename",
    "imagesFile",
    ...routeSettings,
    "dryRun",
    "shards",
    "shard",
    "shardBy",
    "quotaShare",
    "ecrQuota",
    ...copySettings,
    ...gateSettings,
    ...notifySettings,
    ...outputSettings,
  )
    .addHelpText("after", help)
    .action((flags: object) => run(async () => (await import("./sync.ts")).sync)([], flags));
}

const help = `
A rule says which repositories, and which of their tags:

  sync:
    rules:
      - name: releases
        repositories: [team/*]
        tags: { semver: ">=1.0.0", newest: 5 }

Exit codes: 0 whatever is wanted is there; 1 some is not, trying again may help; 4 some is not, or nothing was removed
because that would have been too much; 2 wrong usage; 130 and 143 stopped by a signal.

Examples:
  # what would be copied, and what removed, and why
  kustomize build overlays/production | image-promoter sync -f - --config promoter.yaml --prune --dry-run

  # one rule, at most fifty images at a time
  image-promoter sync --config promoter.yaml --environment production --rule releases --limit 50
`;
