import { PromoterError } from "../error.ts";
import { asDocuments, type RenderedFile, staleFiles, writeFiles } from "../render/rendered-file.ts";
import type { Runtime } from "../runtime.ts";
import type { CommandInput } from "./command.ts";
import { exitCodes } from "./exit-code.ts";

/**
 * Writes what was rendered: into the folder of `--output-dir`, else to standard output, as documents of one stream. With
 * `--check` it writes nothing, names the files that are not current, and says so by its exit code.
 *
 * @throws {PromoterError} `Usage` when a file cannot be read or written.
 */
export async function writeRendered(
  files: readonly RenderedFile[],
  { flags }: Pick<CommandInput, "flags">,
  runtime: Runtime,
): Promise<number> {
  const folder = typeof flags.outputDir === "string" ? flags.outputDir : undefined;
  if (flags.check === true) return check(files, folder, runtime);
  if (folder === undefined) {
    runtime.stdout.write(asDocuments(files));
    return exitCodes.done;
  }
  await writing(folder, () => writeFiles(files, folder, runtime.writeFile));
  for (const { path } of files) runtime.stderr.write(`${folder}/${path}\n`);
  return exitCodes.done;
}

async function check(
  files: readonly RenderedFile[],
  folder: string | undefined,
  runtime: Runtime,
): Promise<number> {
  if (folder === undefined) {
    throw new PromoterError("Usage", "--check compares a folder, and none is named", {
      hint: "Add --output-dir FOLDER",
    });
  }
  const stale = await writing(folder, () => staleFiles(files, folder, runtime.readFile));
  for (const path of stale) runtime.stderr.write(`${folder}/${path} is not current\n`);
  return stale.length === 0 ? exitCodes.done : exitCodes.workToDo;
}

async function writing<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause)) throw cause;
    throw new PromoterError("Usage", `Cannot use the folder ${folder}: ${cause.message}`, {
      cause,
      hint: "Check the path of --output-dir, and that its files may be read and written",
    });
  }
}
