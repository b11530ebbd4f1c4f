import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The files of `templates/`, by their paths inside it. The build puts the texts themselves in this module's place, so
 * that the bundle needs no file beside it.
 */
export const templateSources: Readonly<Record<string, string>> = readTemplates(
  join(import.meta.dirname, "../../templates"),
);

function readTemplates(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length + 1).replaceAll("\\", "/"), readFileSync(path, "utf8")]),
  );
}
