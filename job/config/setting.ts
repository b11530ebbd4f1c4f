import { type ErrorCode, PromoterError } from "../error.ts";
import type { PromoterConfiguration } from "./schema.ts";

/** One thing that can be set by a flag, an environment variable and, some, the configuration file. */
export interface Setting<T> {
  /** As commander declares it: `--concurrency <n>`. */
  readonly flag: string;
  readonly variable: string;
  /** What help says of it, beside the choices, the default and the variable. */
  readonly description: string;
  /** The words that it may be, where it may be nothing else. */
  readonly choices?: readonly string[];
  /** Whether the flag may be given several times. */
  readonly repeatable?: boolean;
  /** Where it stands in promoter.yaml. */
  readonly path?: string;
  readonly fromFile?: (file: PromoterConfiguration) => NoInfer<T> | undefined;
  /** Reads the text of a flag or variable. */
  readonly parse: (text: string) => T;
  readonly default?: NoInfer<T>;
}

export interface DefaultedSetting<T> extends Setting<T> {
  readonly default: NoInfer<T>;
}

export interface SettingSources {
  /** Commander's `opts()`, without defaults: names in camel case, texts, booleans and lists of texts. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly configuration?: PromoterConfiguration | undefined;
}

/**
 * The value by flag, else environment variable, else configuration file, else default. An empty variable is as good as
 * none: manifests often cannot leave one out.
 *
 * @throws {PromoterError} `Usage` for a flag and `InvalidConfiguration` for a variable, named before what is wrong.
 */
export function settingOf<T>(setting: DefaultedSetting<T>, sources: SettingSources): T;
export function settingOf<T>(setting: Setting<T>, sources: SettingSources): T | undefined;
export function settingOf<T>(setting: Setting<T>, sources: SettingSources): T | undefined {
  const { flags, env, configuration } = sources;
  const flag = flagText(flags[flagName(setting)]);
  if (flag !== undefined) return parseFrom(setting, flag, `--${longName(setting)}`, "Usage");
  const variable = env[setting.variable];
  if (variable !== undefined && variable.trim() !== "") {
    return parseFrom(setting, variable.trim(), setting.variable, "InvalidConfiguration");
  }
  const written = configuration === undefined ? undefined : setting.fromFile?.(configuration);
  return written ?? setting.default;
}

/** Whether a flag or a variable says anything of a setting, and which. */
export function givenBy(
  setting: Setting<unknown>,
  { flags, env }: Pick<SettingSources, "flags" | "env">,
): "flag" | "variable" | undefined {
  if (flagText(flags[flagName(setting)]) !== undefined) return "flag";
  return (env[setting.variable] ?? "").trim() === "" ? undefined : "variable";
}

/** The flag's name in commander's `opts()`: `--dry-run` is `dryRun`. */
export function flagName(setting: Pick<Setting<unknown>, "flag">): string {
  return longName(setting).replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function longName({ flag }: Pick<Setting<unknown>, "flag">): string {
  return /--([\w-]+)/.exec(flag)?.[1] ?? flag;
}

function flagText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || typeof value === "number") return String(value);
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.join("\n");
}

function parseFrom<T>(setting: Setting<T>, text: string, origin: string, code: ErrorCode): T {
  try {
    return setting.parse(text);
  } catch (error) {
    if (!(error instanceof PromoterError)) throw error;
    throw new PromoterError(code, `${origin}: ${error.message}`, {
      ...(error.hint !== undefined && { hint: error.hint }),
      cause: error,
    });
  }
}
