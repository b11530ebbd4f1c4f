import { PromoterError } from "../error.ts";
import type { PromoterConfiguration } from "./schema.ts";

/**
 * Reads the configuration file. What checks it is loaded only now, so that commands without a file start faster.
 *
 * @throws {PromoterError} `InvalidConfiguration` when the file cannot be read or is wrong.
 */
export async function readConfiguration(
  path: string,
  readFile: (path: string) => Promise<string>,
): Promise<PromoterConfiguration> {
  const [text, { loadConfiguration }] = await Promise.all([readText(path, readFile), import("./load.ts")]);
  return loadConfiguration(text, path);
}

async function readText(path: string, readFile: (path: string) => Promise<string>): Promise<string> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown reason";
    throw new PromoterError("InvalidConfiguration", `Cannot read the configuration file ${path}: ${reason}`, {
      hint: "Check the path of --config or PROMOTER_CONFIG, and that the file may be read",
      cause,
    });
  }
}
