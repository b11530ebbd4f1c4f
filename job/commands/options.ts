import { type Command, Option } from "commander";
import type { Setting } from "../config/setting.ts";
import { settings } from "../config/setting-table.ts";

/** A setting by its name in the table of settings. */
export type SettingName = keyof typeof settings;

/** Where images come from, and where they go. */
export const fromToSettings = ["config", "environment", "from", "to"] as const satisfies SettingName[];

/** Which images are ours, and where they come from. */
export const routeSettings = ["imagePath", ...fromToSettings] as const satisfies SettingName[];

/** How they are copied. */
export const copySettings = [
  "overwrite",
  "referrers",
  "createRepositories",
  "concurrency",
  "timeout",
  "insecureRegistry",
  "registryEndpoint",
  "blobHost",
] as const satisfies SettingName[];

/** What must hold before an image is promoted, and what is attested afterwards. */
export const gateSettings = [
  "requireSignatureKey",
  "requireSignatureIdentity",
  "sigstoreTrustedRoot",
  "maxSeverity",
  "ignoreFinding",
  "scanWait",
  "attest",
  "attestKey",
] as const satisfies SettingName[];

/** Which images are promoted, and how. */
export const imageSettings = [
  "filename",
  "imagesFile",
  ...routeSettings,
  "strict",
  ...copySettings,
  ...gateSettings,
] as const satisfies SettingName[];

/** How a result and the log are written. */
export const outputSettings = ["output", "logLevel", "logFormat"] as const satisfies SettingName[];

/** How registries are reached, and for how long, by what only reads. */
export const readingSettings = [
  "insecureRegistry",
  "registryEndpoint",
  "concurrency",
  "timeout",
] as const satisfies SettingName[];

/** Who is told of a promotion. */
export const notifySettings = [
  "notify",
  "notifyFormat",
  "notifyWhen",
  "notifyAuthorization",
] as const satisfies SettingName[];

/** How a work is divided among several runs. */
export const shardingSettings = [
  "shards",
  "shard",
  "shardBy",
  "quotaShare",
  "ecrQuota",
  "missingOnly",
] as const satisfies SettingName[];

/** Flags of every command that reads images and speaks to registries. */
export function addPromotionOptions(command: Command): Command {
  return addSettingOptions(
    command.argument(
      "[image...]",
      "images by their destination: 1111….dkr.ecr.eu-west-1.amazonaws.com/app:1.2.3",
    ),
    ...imageSettings,
    ...outputSettings,
  );
}

/** Adds the flags of settings, in this order. Their defaults are told by help alone: the settings know them. */
export function addSettingOptions(command: Command, ...names: readonly SettingName[]): Command {
  for (const name of names) command.addOption(optionOf(settings[name]));
  return command;
}

/** Adds the flags of settings that only some commands have. */
export function addOwnSettings(command: Command, own: Readonly<Record<string, Setting<unknown>>>): Command {
  for (const setting of Object.values(own)) command.addOption(optionOf(setting));
  return command;
}

function optionOf(setting: Setting<unknown>): Option {
  const option = new Option(setting.flag, describe(setting));
  if (setting.choices !== undefined) option.choices(setting.choices);
  return setting.repeatable === true ? option.argParser(collect) : option;
}

function describe({ description, repeatable, variable, default: preset }: Setting<unknown>): string {
  const told = typeof preset === "string" || typeof preset === "number" ? `; default ${preset}` : "";
  return `${description}${repeatable === true ? "; may be repeated" : ""}${told} [${variable}]`;
}

/** Gathers the values of an option that may be repeated. */
export function collect(value: string, gathered: readonly string[] = []): readonly string[] {
  return [...gathered, value];
}
