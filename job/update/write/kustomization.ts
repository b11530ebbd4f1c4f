import { isMap, isScalar, isSeq, type YAMLMap } from "yaml";
import type { CurrentImage, FileEdit, FileTree, NewImage } from "../application.ts";
import { editFile, inFolder, readYamlFile } from "./edit-file.ts";
import { addElement, addField, fillField, type MappingSpot } from "./field-edit.ts";
import { fieldText, setField } from "./set-field.ts";
import type { Splice } from "./splice.ts";
import type { YamlFile, YamlPart } from "./yaml-file.ts";

/** What an image of `images:` is found by. */
export interface KustomizationImage {
  /** The folder of the kustomization, or its file. */
  readonly path: string;
  /** The image's name in the resources, before kustomize changes it. */
  readonly name: string;
}

/** As kustomize looks for them. */
const fileNames = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/** What the entry of an image says; `undefined` where there is none. */
export async function currentKustomizationImage(
  tree: FileTree,
  { path, name }: KustomizationImage,
): Promise<CurrentImage | undefined> {
  const { file, entry } = await open(tree, path, name);
  if (entry === undefined) return undefined;
  const [tag, digest] = [fieldText(entry, "newTag"), fieldText(entry, "digest")];
  return {
    name: fieldText(entry, "newName") ?? name,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
    place: file.placeAt(entry.part.rangeOf(entry.map).begin),
  };
}

/** Writes an image into its entry of `images:`, which is added where it is missing. */
export async function writeKustomizationImage(
  tree: FileTree,
  { path, name }: KustomizationImage,
  image: NewImage,
): Promise<FileEdit[]> {
  const { file, part, root, entry } = await open(tree, path, name);
  if (entry === undefined) return editFile(tree, file, addEntry({ file, part, map: root }, name, image));
  const renamed = image.name !== (fieldText(entry, "newName") ?? name);
  return editFile(tree, file, [
    ...(renamed ? setField(entry, "newName", image.name) : []),
    ...setField(entry, "newTag", image.tag),
    ...setField(entry, "digest", image.digest),
  ]);
}

interface Opened {
  readonly file: YamlFile;
  readonly part: YamlPart;
  readonly root: YAMLMap;
  readonly entry: MappingSpot | undefined;
}

async function open(tree: FileTree, path: string, name: string): Promise<Opened> {
  const file = await readYamlFile(tree, await kustomizationIn(tree, path));
  const [part] = file.parts;
  const root = part?.root;
  if (part === undefined || !isMap(root)) throw file.fault("The kustomization holds no fields");
  const list = part.reader.follow(part.reader.fieldsOf(root).get("images"));
  const maps = isSeq(list) ? list.items.map((item) => part.reader.follow(item)).filter(isMap) : [];
  const fieldIs = (field: string) => (candidate: YAMLMap) =>
    fieldText({ file, part, map: candidate }, field) === name;
  // Who names the image as it is in the end means the entry that gives it this name.
  const [named, second] = maps.filter(fieldIs("name"));
  if (second !== undefined) throw twice(file, name);
  const map = named ?? maps.find(fieldIs("newName"));
  return { file, part, root, entry: map && { file, part, map } };
}

async function kustomizationIn(tree: FileTree, path: string): Promise<string> {
  if (/\.ya?ml$/.test(path)) return path;
  const files = new Set(await tree.list(path));
  const [fallback = ""] = fileNames;
  return inFolder(path, fileNames.find((name) => files.has(name)) ?? fallback);
}

function addEntry(place: MappingSpot, name: string, image: NewImage): Splice[] {
  const { file, part, map } = place;
  const entry = {
    name,
    ...(image.name !== name && { newName: image.name }),
    ...(image.tag !== undefined && { newTag: image.tag }),
    ...(image.digest !== undefined && { digest: image.digest }),
  };
  const pair = map.items.find(({ key }) => isScalar(key) && key.value === "images");
  if (pair === undefined || !isScalar(pair.key)) return [addField(place, "images", [entry])];
  const list = part.reader.follow(pair.value);
  if (isSeq(list)) return [addElement({ file, part, list }, entry)];
  if (list === null || (isScalar(list) && list.value === null)) return [fillField(place, pair.key, [entry])];
  throw file.fault("images: holds no list", "Write images: [] or take the field away");
}

function twice(file: YamlFile, name: string) {
  return file.fault(`Two entries of images: are called ${name}`, "Leave one of them out: the last counts");
}
