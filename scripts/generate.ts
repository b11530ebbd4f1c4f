import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { renderChart } from "../job/render/chart.ts";
import { type RenderedFile, staleFiles, writeFiles } from "../job/render/rendered-file.ts";
import { exampleFiles } from "./reference/examples.ts";
import { referencePages } from "./reference/pages.ts";

const usage = `Usage: npm run generate -- [--check]

Renders chart/ from templates/, and the parts of docs/ and examples/ that follow from the code. With --check nothing is written: it
fails when something is not current.
`;

/** Files of a folder, by their paths inside it. */
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** Files of the folder that are not, or not as they should be, and those that should not be there. */
export async function outdated(files: readonly RenderedFile[], folder: string): Promise<string[]> {
  const rendered = new Set(files.map(({ path }) => path));
  const strays = (await filesOf(folder)).filter((path) => !rendered.has(path));
  return [...(await staleFiles(files, folder, (path) => readFile(path, "utf8"))), ...strays].sort();
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { check: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
  });
  const root = dirname(import.meta.dirname);
  const [folder, docs] = [join(root, "chart"), join(root, "docs")];
  const files = renderChart();
  if (values.help) {
    console.log(usage);
  } else {
    const pages = await referencePages(docs);
    const stalePages = await staleFiles(pages, docs, (path) => readFile(path, "utf8"));
    const examples = await exampleFiles(root);
    const staleExamples = await staleFiles(examples, root, (path) => readFile(path, "utf8"));
    const paths = [
      ...(await outdated(files, folder)).map((path) => `chart/${path}`),
      ...stalePages.map((path) => `docs/${path}`),
      ...staleExamples,
    ];
    if (values.check) {
      for (const path of paths) console.error(`${path} is not current`);
      if (paths.length > 0) console.error("Run npm run generate");
      process.exitCode = paths.length > 0 ? 1 : 0;
    } else {
      await rm(folder, { recursive: true, force: true });
      await writeFiles(files, folder, write);
      await writeFiles(pages, docs, write);
      await writeFiles(examples, root, write);
      console.log(paths.length === 0 ? "chart/, docs/ and examples/ were current" : paths.join("\n"));
    }
  }
}
