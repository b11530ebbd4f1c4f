import { configurationPath, resolveSettings, type Settings } from "../config/settings.ts";
import type { Runtime } from "../runtime.ts";
import type { CommandInput } from "./command.ts";
import { readText } from "./read-images.ts";

/**
 * Puts flags, environment and configuration file together.
 *
 * @throws {PromoterError} `Usage` or `InvalidConfiguration`.
 */
export async function loadSettings({ flags, images }: CommandInput, runtime: Runtime): Promise<Settings> {
  const { env } = runtime;
  const file = configurationPath({ flags, env });
  if (file === undefined) return resolveSettings({ flags, arguments: images, env });
  const text = await readText(file, runtime);
  const { loadConfiguration } = await import("../config/load.ts");
  return resolveSettings({ flags, arguments: images, env, configuration: loadConfiguration(text, file) });
}
