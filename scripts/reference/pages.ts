import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { schemaText } from "../../job/commands/schema.ts";
import type { RenderedFile } from "../../job/render/rendered-file.ts";
import { commandLinePart } from "./command-help.ts";
import { fieldsPart, settingsPart } from "./configuration-fields.ts";
import { dependenciesPage } from "./dependencies.ts";
import { withGeneratedPart } from "./generated-part.ts";

/** The pages of docs/ of which parts follow from the code, as they should be. */
export async function referencePages(folder: string): Promise<RenderedFile[]> {
  const page = (path: string) => readFile(join(folder, path), "utf8");
  const commandLine = withGeneratedPart(await page("command-line.md"), "commands", commandLinePart());
  const configuration = withGeneratedPart(
    withGeneratedPart(await page("configuration.md"), "fields", fieldsPart()),
    "settings",
    settingsPart(),
  );
  return [
    { path: "dependencies.md", content: await dependenciesPage(join(folder, "..")) },
    { path: "command-line.md", content: commandLine },
    { path: "configuration.md", content: configuration },
    { path: "promoter.schema.json", content: schemaText() },
  ];
}
