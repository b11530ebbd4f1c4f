import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A copy of an example in which texts stand for others, as somebody adapts it to registries of their own. */
export interface AdaptedExample extends AsyncDisposable {
  readonly folder: string;
  /** Replaces a text in one of its files, which has to have it. */
  change(file: string, from: string, to: string): Promise<void>;
}

/**
 * Copies a folder of `examples/`.
 * @param replacements what is written in the example, and what stands for it in the copy.
 */
export async function adaptExample(
  name: string,
  replacements: Readonly<Record<string, string>>,
): Promise<AdaptedExample> {
  const folder = await mkdtemp(join(tmpdir(), "e2e-example-"));
  await cp(join(import.meta.dirname, "../../examples", name), folder, { recursive: true });
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    let text = await readFile(path, "utf8");
    for (const [written, other] of Object.entries(replacements)) text = text.replaceAll(written, other);
    await writeFile(path, text);
  }
  return {
    folder,
    async change(file, from, to) {
      const path = join(folder, file);
      const text = await readFile(path, "utf8");
      if (!text.includes(from)) throw new Error(`${name}/${file} does not say ${from}`);
      await writeFile(path, text.replaceAll(from, to));
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
