import { isMap, isScalar, isSeq, type YAMLMap, type YAMLSeq } from "yaml";
import type { CurrentImage, FileEdit, FileTree, NewImage, ValueFields } from "../application.ts";
import { editFile } from "./edit-file.ts";
import { type Added, addElement, addField, lines, type MappingSpot } from "./field-edit.ts";
import { joinImage, splitImage, splitVersion } from "./image-text.ts";
import { replaceScalar } from "./scalar.ts";
import { fieldText, setField } from "./set-field.ts";
import type { Splice } from "./splice.ts";
import { valuesOf, withoutTag, withoutTagHint } from "./values.ts";
import { openYamlFile, scalarText, type YamlFile } from "./yaml-file.ts";

/** Parameters of Helm in `.argocd-source-<application>.yaml`. */
export interface HelmOverride {
  readonly path: string;
  readonly fields: ValueFields;
}

/** An image of Kustomize in `.argocd-source-<application>.yaml`. */
export interface KustomizeOverride {
  readonly path: string;
  /** The image's name in the resources. */
  readonly name: string;
}

/** What the parameters say; `undefined` where there are none, or no such file. */
export async function currentHelmOverride(
  tree: FileTree,
  { path, fields }: HelmOverride,
): Promise<CurrentImage | undefined> {
  const { file, parts } = await open(tree, path, ["helm", "parameters"]);
  const main = parameter(parts, "image" in fields ? fields.image : fields.tag);
  const text = main === undefined ? undefined : fieldText(main, "value");
  if (main === undefined || text === undefined || text === "") return undefined;
  const place = file.placeAt(main.part.rangeOf(main.map).begin);
  if ("image" in fields) return { ...splitImage(text), place };
  const named = fields.name === undefined ? undefined : parameter(parts, fields.name);
  const name = named === undefined ? undefined : fieldText(named, "value");
  return { ...splitVersion(text), ...(name !== undefined && { name }), place };
}

/** Writes parameters, which are texts whatever they look like; the file is made where it is missing. */
export async function writeHelmOverride(
  tree: FileTree,
  { path, fields }: HelmOverride,
  image: NewImage,
): Promise<FileEdit[]> {
  const values = valuesOf(fields, image);
  const { file, ...opened } = await open(tree, path, ["helm", "parameters"]);
  if (values === undefined) throw file.fault(withoutTag, withoutTagHint);
  const edits: FileEdit[] = [];
  let { parts } = opened;
  for (const [name, value] of values) {
    const found = parameter(parts, name);
    const added = { name, value, forcestring: true };
    edits.push(
      ...(found === undefined
        ? await append(tree, parts, added)
        : await editFile(tree, parts.file, setField(found, "value", value))),
    );
    ({ parts } = await open(tree, path, ["helm", "parameters"]));
  }
  return edits;
}

/** What the image of Kustomize is; `undefined` where there is none, or no such file. */
export async function currentKustomizeOverride(
  tree: FileTree,
  { path, name }: KustomizeOverride,
): Promise<CurrentImage | undefined> {
  const { file, parts } = await open(tree, path, ["kustomize", "images"]);
  const found = overrideOf(parts, name);
  if (found === undefined) return undefined;
  return { ...splitImage(found.image), place: file.placeAt(found.offset) };
}

/** Writes an image as `name:tag` or `name=other:tag`; the file is made where it is missing. */
export async function writeKustomizeOverride(
  tree: FileTree,
  { path, name }: KustomizeOverride,
  image: NewImage,
): Promise<FileEdit[]> {
  const { parts } = await open(tree, path, ["kustomize", "images"]);
  const text = `${image.name === name ? "" : `${name}=`}${joinImage(image)}`;
  const found = overrideOf(parts, name);
  if (found === undefined) return append(tree, parts, text);
  const splice = replaceScalar(parts.file, found.part, found.node, text);
  return editFile(tree, parts.file, splice === undefined ? [] : [splice]);
}

/** As much of the path to the list as the file has. */
interface Parts {
  readonly file: YamlFile;
  readonly root: MappingSpot | undefined;
  readonly section: MappingSpot | undefined;
  readonly list: YAMLSeq | undefined;
  readonly keys: readonly [section: string, list: string];
}

async function open(tree: FileTree, path: string, keys: readonly [section: string, list: string]) {
  const file = openYamlFile(path, (await tree.read(path)) ?? "");
  const [part] = file.parts;
  const map = part !== undefined && isMap(part.root) ? part.root : undefined;
  if (map === undefined && part !== undefined && scalarText(part.root) !== undefined)
    throw file.fault("The file holds no fields");
  const root = part && map && { file, part, map };
  const inner = root && part.reader.follow(part.reader.fieldsOf(root.map).get(keys[0]));
  const section = root && isMap(inner) ? { ...root, map: inner as YAMLMap } : undefined;
  const list = section?.part.reader.follow(section.part.reader.fieldsOf(section.map).get(keys[1]));
  const parts: Parts = { file, root, section, list: isSeq(list) ? list : undefined, keys };
  return { file, parts };
}

function parameter({ file, section, list }: Parts, name: string): MappingSpot | undefined {
  if (section === undefined || list === undefined) return undefined;
  const { part } = section;
  const maps = list.items.map((item) => part.reader.follow(item)).filter(isMap);
  return maps.map((map) => ({ file, part, map })).find((spot) => fieldText(spot, "name") === name);
}

function overrideOf({ section, list }: Parts, name: string) {
  for (const item of list?.items ?? []) {
    const node = section?.part.reader.follow(item);
    const text = scalarText(node);
    if (section === undefined || !isScalar(node) || text === undefined) continue;
    const equals = text.indexOf("=");
    const image = text.slice(equals + 1);
    const key = equals < 0 ? splitImage(text).name : text.slice(0, equals);
    if (key === name) return { node, part: section.part, image, offset: section.part.rangeOf(node).begin };
  }
  return undefined;
}

async function append(tree: FileTree, parts: Parts, added: Added): Promise<FileEdit[]> {
  const { file, root, section, list, keys } = parts;
  const [outer, inner] = keys;
  if (section !== undefined && list !== undefined)
    return editFile(tree, file, [addElement({ file, part: section.part, list }, added)]);
  if (section !== undefined) return editFile(tree, file, [addField(section, inner, [added])]);
  if (root !== undefined) return editFile(tree, file, [addField(root, outer, { [inner]: [added] })]);
  const text = `${lines({ [outer]: { [inner]: [added] } }, 0).join("\n")}\n`;
  const gap = file.text === "" || file.text.endsWith("\n") ? "" : "\n";
  const splice: Splice = {
    offset: file.text.length,
    length: 0,
    text: `${gap}${text}`,
    lead: gap.length,
    after: text.trimEnd(),
  };
  return editFile(tree, file, [splice]);
}
