import { isMap, isScalar, isSeq, type Scalar } from "yaml";
import { each, type ImagePath, type PathStep, parseImagePath } from "../../images/image-path.ts";
import { imagesInObject } from "../../images/object-images.ts";
import type { CurrentImage, FileEdit, FileTree, NewImage } from "../application.ts";
import { editFile, readYamlFile } from "./edit-file.ts";
import { joinImage, splitImage } from "./image-text.ts";
import { replaceScalar } from "./scalar.ts";
import type { Splice } from "./splice.ts";
import { scalarText, type YamlFile, type YamlPart } from "./yaml-file.ts";

/** A field of a manifest or a patch that holds an image. */
export interface ManifestField {
  readonly path: string;
  /** `[Kind:]path`, as `Deployment:spec.template.spec.containers[0].image`. */
  readonly field: string;
  /** The image's name. */
  readonly name?: string;
}

/** All containers of a file that run an image. */
export interface ManifestImage {
  readonly path: string;
  readonly name: string;
}

/**
 * What the field says; where the path leads to several, the first that holds an image of the name.
 *
 * @throws {PromoterError} `InvalidInput` when it leads to none.
 */
export async function currentManifestField(
  tree: FileTree,
  target: ManifestField,
): Promise<CurrentImage | undefined> {
  const { file, fields } = await open(tree, target);
  const own = fields.find(({ text }) => splitImage(text).name === target.name) ?? fields[0];
  return own && read(file, own);
}

/**
 * Writes an image into the field. Where the path leads to several, only those are written that hold an image of this
 * name: the others are other containers'.
 */
export async function writeManifestField(
  tree: FileTree,
  target: ManifestField,
  image: NewImage,
): Promise<FileEdit[]> {
  const { file, fields } = await open(tree, target);
  const own =
    fields.length === 1 ? fields : fields.filter(({ text }) => splitImage(text).name === image.name);
  if (own.length === 0) {
    throw file.fault(`None of the fields at ${target.field} holds ${image.name}`, "Name one with [0] or [1]");
  }
  return editFile(tree, file, splicesOf(file, own, image));
}

/**
 * What the first container with the image runs.
 *
 * @throws {PromoterError} `InvalidInput` when none has it.
 */
export async function currentManifestImage(
  tree: FileTree,
  target: ManifestImage,
): Promise<CurrentImage | undefined> {
  const { file, fields } = await openContainers(tree, target);
  const [first] = fields;
  return first && read(file, first);
}

/** Writes an image into all containers that have it. */
export async function writeManifestImage(
  tree: FileTree,
  target: ManifestImage,
  image: NewImage,
): Promise<FileEdit[]> {
  const { file, fields } = await openContainers(tree, target);
  return editFile(tree, file, splicesOf(file, fields, image));
}

function read(file: YamlFile, { part, node, text }: FoundField): CurrentImage {
  return { ...splitImage(text), place: file.placeAt(part.rangeOf(node).begin) };
}

function splicesOf(file: YamlFile, fields: readonly FoundField[], image: NewImage): Splice[] {
  const splices = fields.map(({ part, node }) => replaceScalar(file, part, node, joinImage(image)));
  // An anchor's value that several fields share is written once.
  return [
    ...new Map(splices.flatMap((splice) => (splice === undefined ? [] : [[splice.offset, splice]]))).values(),
  ];
}

interface FoundField {
  readonly part: YamlPart;
  readonly node: Scalar;
  readonly text: string;
}

async function open(tree: FileTree, { path, field }: ManifestField) {
  const file = await readYamlFile(tree, path);
  const wanted = parseImagePath(field);
  const fields = file.parts.flatMap((part) => [...fieldsIn(part, wanted)]);
  if (fields.length > 0) return { file, fields };
  throw missing(file, field);
}

async function openContainers(tree: FileTree, { path, name }: ManifestImage) {
  const file = await readYamlFile(tree, path);
  const found = file.parts.flatMap((part) => {
    const root = part.reader.follow(part.root);
    if (!isMap(root)) return [];
    return imagesInObject(root, part.reader, []).flatMap(({ node }) => scalarsOf(part, node));
  });
  const fields = found.filter(({ text }) => splitImage(text).name === name);
  if (fields.length > 0) return { file, fields };
  throw file.fault(`No container runs ${name}`, "Write it once by hand, or name the field");
}

function scalarsOf(part: YamlPart, found: unknown): FoundField[] {
  const node = part.reader.follow(found);
  const text = scalarText(node);
  return isScalar(node) && text !== undefined ? [{ part, node, text }] : [];
}

function* fieldsIn(part: YamlPart, { kind, steps }: ImagePath): Generator<FoundField> {
  const root = part.reader.follow(part.root);
  const kindHere = isMap(root) ? scalarText(part.reader.follow(part.reader.fieldsOf(root).get("kind"))) : "";
  if (kind !== undefined && kind !== kindHere) return;
  for (const found of select(part, root, steps)) yield* scalarsOf(part, found);
}

function* select(part: YamlPart, node: unknown, steps: readonly PathStep[]): Generator<unknown> {
  const [step, ...rest] = steps;
  if (step === undefined) return yield node;
  const value = part.reader.follow(node);
  if (isSeq(value)) {
    for (const [index, element] of value.items.entries())
      if (step === each || step === index) yield* select(part, element, rest);
  } else if (isMap(value) && typeof step === "string") {
    yield* select(part, part.reader.fieldsOf(value).get(step), rest);
  }
}

function missing(file: YamlFile, field: string) {
  return file.fault(`There is no field ${field}`, "Correct the path, or write the field once by hand");
}
