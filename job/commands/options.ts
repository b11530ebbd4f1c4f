import { type Command, Option } from "commander";
import type { Setting } from "../config/setting.ts";
import { settings } from "../config/setting-table.ts";

/** A setting by its name in the table of settings. */
export type SettingName = keyof typeof settings;

/** Flags of every command that reads images and knows registries. */
export function addPromotionOptions(command: Command): Command {
  return addSettingOptions(
    command.argument(
      "[image...]",
      "images by their destination: 1111….dkr.ecr.eu-west-1.amazonaws.com/app:1.2.3",
    ),
    "filename",
    "imagesFile",
    "imagePath",
    "config",
    "environment",
    "from",
    "to",
    "strict",
    "overwrite",
    "referrers",
    "createRepositories",
    "concurrency",
    "timeout",
    "insecureRegistry",
    "registryEndpoint",
    "output",
    "logLevel",
    "logFormat",
  );
}

/** Adds the flags of settings, in this order. Their defaults are told by help alone: the settings know them. */
export function addSettingOptions(command: Command, ...names: readonly SettingName[]): Command {
  for (const name of names) command.addOption(optionOf(settings[name]));
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
function collect(value: string, gathered: readonly string[] = []): readonly string[] {
  return [...gathered, value];
}
