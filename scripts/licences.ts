import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Licences that may be shipped in a program under Apache-2.0 by keeping their text. */
export const usable: ReadonlySet<string> = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
]);

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/**
 * One text with the licence of each package that the given files belong to; a text that several share stands once.
 * @param root folder that `files` are relative to
 * @throws {Error} when a package declares no licence, or one that needs more than keeping its text.
 */
export async function licencesOf(root: string, files: readonly string[]): Promise<string> {
  const folders = new Set(
    files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
  );
  const holders = new Map<string, string[]>();
  for (const folder of [...folders].sort()) {
    const { title, text } = await licenceOf(join(root, folder));
    holders.set(text, [...(holders.get(text) ?? []), title]);
  }
  const sections = [...holders].map(([text, titles]) => `${titles.join("\n")}\n\n${text}\n`);
  return `This program contains the following packages.\n\n${sections.join(`\n${"-".repeat(80)}\n\n`)}`;
}

/** The folder of the package that a file belongs to; `undefined` for one of our own. */
export function packageFolder(file: string): string | undefined {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0];
}

async function licenceOf(folder: string): Promise<{ title: string; text: string }> {
  const { name, version, license }: Package = JSON.parse(
    await readFile(join(folder, "package.json"), "utf8"),
  );
  if (license === undefined || !usable.has(license)) {
    throw new Error(`Cannot ship ${name}@${version}: its licence is ${license ?? "not declared"}`);
  }
  const names = (await readdir(folder)).filter((entry) => /^(licen[cs]e|notice)(\.|-|$)/i.test(entry)).sort();
  const texts = await Promise.all(names.map((entry) => readFile(join(folder, entry), "utf8")));
  const text = texts.map((content) => content.replaceAll("\r\n", "\n").trim()).join("\n\n");
  return {
    title: `${name} ${version} (${license})`,
    text: text || `Licensed under ${license}; the package brings no text.`,
  };
}
