import { PromoterError } from "../../error.ts";
import type { FileEdit, FileTree } from "../application.ts";
import { applySplices, type Splice } from "./splice.ts";
import { openYamlFile, type YamlFile } from "./yaml-file.ts";

/** @throws {PromoterError} `InvalidInput` when there is no such file, or it is no YAML. */
export async function readYamlFile(tree: FileTree, path: string): Promise<YamlFile> {
  const text = await tree.read(path);
  if (text !== undefined) return openYamlFile(path, text);
  throw new PromoterError("InvalidInput", `There is no file ${path} on the branch`, {
    hint: "Correct the path, counted from the root of the repository",
  });
}

/**
 * Changes a file where its splices say; writes nothing when there are none.
 *
 * @throws {PromoterError} `InvalidInput` when it would be no YAML any more, or have other documents.
 */
export async function editFile(
  tree: FileTree,
  file: YamlFile,
  splices: readonly Splice[],
): Promise<FileEdit[]> {
  if (splices.length === 0) return [];
  const { text, edits } = applySplices(file.text, splices);
  checkReadable(file, text);
  await tree.write(file.path, text);
  return edits.map((edit) => ({ path: file.path, ...edit }));
}

/** Some ways to write YAML leave no room for another line; nobody is to find that out by a sync. */
function checkReadable(file: YamlFile, text: string): void {
  const count = documentsIn(file.path, text);
  if (count !== undefined && count === Math.max(1, file.parts.length)) return;
  throw file.fault(
    "The value cannot be changed here: it would be no YAML any more",
    "Change it by hand once",
  );
}

function documentsIn(path: string, text: string): number | undefined {
  try {
    return openYamlFile(path, text).parts.length;
  } catch (error) {
    if (error instanceof PromoterError) return undefined;
    throw error;
  }
}

/** `folder/name`, where the folder may be the root. */
export function inFolder(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}
