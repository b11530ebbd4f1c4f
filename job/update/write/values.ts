import { isMap, type YAMLMap } from "yaml";
import { type PathStep, parseImagePath } from "../../images/image-path.ts";
import type { CurrentImage, FileEdit, FileTree, NewImage, ValueFields } from "../application.ts";
import { editFile, readYamlFile } from "./edit-file.ts";
import type { MappingSpot } from "./field-edit.ts";
import { joinImage, joinVersion, splitImage, splitVersion } from "./image-text.ts";
import { nodeAt, setPath } from "./set-field.ts";
import { scalarText, type YamlFile } from "./yaml-file.ts";

/** Fields of a file of Helm values. */
export interface ValuesImage {
  readonly path: string;
  readonly fields: ValueFields;
}

/** What the fields say; `undefined` where the one for the version is missing or empty. */
export async function currentValuesImage(
  tree: FileTree,
  { path, fields }: ValuesImage,
): Promise<CurrentImage | undefined> {
  const file = await readYamlFile(tree, path);
  const root = rootOf(file);
  const main = textAt(root, "image" in fields ? fields.image : fields.tag);
  if (main === undefined || main.text === "") return undefined;
  const place = file.placeAt(main.offset);
  if ("image" in fields) return { ...splitImage(main.text), place };
  const name = fields.name === undefined ? undefined : textAt(root, fields.name)?.text;
  return { ...splitVersion(main.text), ...(name !== undefined && name !== "" && { name }), place };
}

/** Writes an image into its fields; those that are missing are added. */
export async function writeValuesImage(
  tree: FileTree,
  { path, fields }: ValuesImage,
  image: NewImage,
): Promise<FileEdit[]> {
  const values = valuesOf(fields, image);
  if (values === undefined) throw (await readYamlFile(tree, path)).fault(withoutTag, withoutTagHint);
  const edits: FileEdit[] = [];
  // One after the other: both may want the same mapping to be added.
  for (const [field, value] of values) {
    const root = rootOf(await readYamlFile(tree, path));
    edits.push(...(await editFile(tree, root.file, setPath(root, stepsOf(root.map, field), value))));
  }
  return edits;
}

/** Each field with what it shall say; `undefined` when a field for a tag would get none. */
export function valuesOf(
  fields: ValueFields,
  image: NewImage,
): readonly (readonly [field: string, value: string])[] | undefined {
  if ("image" in fields) return [[fields.image, joinImage(image)]];
  const version = joinVersion(image);
  if (version === undefined) return undefined;
  return [...(fields.name === undefined ? [] : [[fields.name, image.name] as const]), [fields.tag, version]];
}

export const withoutTag = "A digest without a tag cannot be written into a field for tags";
export const withoutTagHint = "Name the one field that holds the whole image instead";

function rootOf(file: YamlFile): MappingSpot {
  const [part] = file.parts;
  if (part === undefined || !isMap(part.root)) throw file.fault("The file of values holds no fields");
  return { file, part, map: part.root };
}

function textAt({ part, map }: MappingSpot, field: string) {
  const node = part.reader.follow(nodeAt(part, map, stepsOf(map, field)));
  const text = scalarText(node);
  return node === null || text === undefined ? undefined : { text, offset: part.rangeOf(node).begin };
}

/** A field whose name has dots in it goes before a path: people keep such values at the root of a file. */
function stepsOf(map: YAMLMap, field: string): readonly PathStep[] {
  return map.has(field) ? [field] : parseImagePath(field).steps;
}
