import { readConfiguration } from "../config/read-configuration.ts";
import type { PromoterConfiguration } from "../config/schema.ts";
import { configurationPath, resolveSettings, type Settings } from "../config/settings.ts";
import type { Runtime } from "../runtime.ts";
import type { CommandInput } from "./command.ts";

/**
 * Puts flags, environment variables and configuration file together.
 *
 * @throws {PromoterError} `Usage` or `InvalidConfiguration`.
 */
export async function loadSettings(input: CommandInput, runtime: Runtime): Promise<Settings> {
  const configuration = await loadConfigurationFile(input, runtime);
  return resolveSettings({ flags: input.flags, arguments: input.images, env: runtime.env, configuration });
}

/**
 * The configuration file that a flag or a variable names, undefined when none does.
 *
 * @throws {PromoterError} `InvalidConfiguration` when it cannot be read or is wrong.
 */
export async function loadConfigurationFile(
  { flags }: Pick<CommandInput, "flags">,
  { env, readFile }: Pick<Runtime, "env" | "readFile">,
): Promise<PromoterConfiguration | undefined> {
  const path = configurationPath({ flags, env });
  return path === undefined ? undefined : readConfiguration(path, readFile);
}

/** What concerns promoting must not hinder reading: no key that signs is opened, no gate. */
export function readingOnly({ attestation: _, ...settings }: Settings): Settings {
  return { ...settings, gates: {} };
}
