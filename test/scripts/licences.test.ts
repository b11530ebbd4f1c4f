import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { licencesOf } from "../../scripts/licences.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "licences-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function addPackage(name: string, license: string | undefined, text?: string): Promise<string> {
  const folder = join("node_modules", name);
  await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, folder, "package.json"), JSON.stringify({ name, version: "1.0.0", license }));
  if (text !== undefined) await writeFile(join(root, folder, "LICENSE.md"), text);
  return `${folder}/lib/file.js`;
}

it("prints a text that packages share once", async () => {
  const files = [
    await addPackage("@a/one", "MIT", "Do as you like\n"),
    await addPackage("two", "MIT", "Do as you like"),
  ];
  const licences = await licencesOf(root, [...files, "job/main.ts"]);
  expect(licences).toContain("@a/one 1.0.0 (MIT)\ntwo 1.0.0 (MIT)\n\nDo as you like\n");
  expect(licences.match(/Do as you like/g)).toHaveLength(1);
});

it("names a package that brings no text", async () => {
  expect(await licencesOf(root, [await addPackage("bare", "ISC")])).toContain(
    "bare 1.0.0 (ISC)\n\nLicensed under ISC",
  );
});

it.each([["GPL-3.0-only"], [undefined]])("refuses a package under %s", async (license) => {
  const file = await addPackage("other", license, "text");
  await expect(licencesOf(root, [file])).rejects.toThrow(/Cannot ship other@1\.0\.0/);
});
