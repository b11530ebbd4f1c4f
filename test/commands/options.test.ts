import { Command } from "commander";
import { describe, expect, it } from "vitest";
import {
  addPromotionOptions,
  addSettingOptions,
  notifySettings,
  type SettingName,
  shardingSettings,
} from "../../job/commands/options.ts";
import { flagName } from "../../job/config/setting.ts";
import { settings } from "../../job/config/setting-table.ts";

function promoteCommand(): Command {
  const command = addSettingOptions(
    addPromotionOptions(new Command("promote")),
    "dryRun",
    ...notifySettings,
    ...shardingSettings,
  );
  return command.exitOverride().configureOutput({ writeErr() {}, writeOut() {} });
}

const parse = (...args: string[]) => promoteCommand().parse(args, { from: "user" }).opts();

describe("options of a promotion", () => {
  it("are the settings, all of them, each under its own name", () => {
    const names = promoteCommand().options.map((option) => option.attributeName());
    expect(names.toSorted()).toEqual(Object.keys(settings).toSorted());
    for (const [name, setting] of Object.entries(settings)) expect(flagName(setting)).toBe(name);
  });

  it("name their environment variables in help", () => {
    const help = promoteCommand().helpInformation();
    for (const { variable } of Object.values(settings)) expect(help).toContain(`[${variable}]`);
  });

  it("tell their defaults without setting them: a variable would not count any more", () => {
    const byName = new Map(
      promoteCommand().options.map((option) => [option.attributeName(), option.description]),
    );
    expect(byName.get("concurrency")).toBe(
      "requests and transfers at the same time; default 16 [PROMOTER_CONCURRENCY]",
    );
    expect(parse()).toEqual({});
  });

  it.each<SettingName>(["filename", "imagesFile", "imagePath", "insecureRegistry", "registryEndpoint"])(
    "%s may be repeated, and leaves what follows it alone",
    (name) => {
      const flag = /--[\w-]+/.exec(settings[name].flag)?.[0] ?? "";
      const command = promoteCommand().parse([flag, "a", "image", flag, "b"], { from: "user" });
      expect(command.opts()).toEqual({ [name]: ["a", "b"] });
      expect(command.args).toEqual(["image"]);
    },
  );

  it("take only the words that they know", () => {
    expect(parse("--overwrite", "never")).toEqual({ overwrite: "never" });
    expect(() => parse("--overwrite", "always")).toThrow("Allowed choices are mutable, never");
  });
});
