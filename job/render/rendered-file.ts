/** A file that was rendered. */
export interface RenderedFile {
  /** Inside the folder that it goes to, with `/` between its parts. */
  readonly path: string;
  readonly content: string;
}

/** Kubernetes objects of several files as one stream of documents. */
export function asDocuments(files: readonly RenderedFile[]): string {
  return files.map(({ content }) => `---\n${content}`).join("");
}

/** Writes files into a folder. */
export async function writeFiles(
  files: readonly RenderedFile[],
  folder: string,
  writeFile: (path: string, text: string) => Promise<void>,
): Promise<void> {
  for (const { path, content } of files) await writeFile(`${folder}/${path}`, content);
}

/** The paths of files that are not in a folder, or not as they were rendered. */
export async function staleFiles(
  files: readonly RenderedFile[],
  folder: string,
  readFile: (path: string) => Promise<string>,
): Promise<string[]> {
  const stale = await Promise.all(
    files.map(async ({ path, content }) => {
      const written = await readIfThere(`${folder}/${path}`, readFile);
      return written === content ? [] : [path];
    }),
  );
  return stale.flat();
}

async function readIfThere(
  path: string,
  readFile: (path: string) => Promise<string>,
): Promise<string | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
