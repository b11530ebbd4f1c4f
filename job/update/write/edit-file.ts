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

/** Changes a file where its splices say; writes nothing when there are none. */
export async function editFile(
  tree: FileTree,
  file: YamlFile,
  splices: readonly Splice[],
): Promise<FileEdit[]> {
  if (splices.length === 0) return [];
  const { text, edits } = applySplices(file.text, splices);
  await tree.write(file.path, text);
  return edits.map((edit) => ({ path: file.path, ...edit }));
}

/** `folder/name`, where the folder may be the root. */
export function inFolder(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}
