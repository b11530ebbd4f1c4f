import { isMap, isScalar, isSeq, type Scalar } from "yaml";
import { each, type ImagePath, type PathStep, parseImagePath } from "../../images/image-path.ts";
import type { CurrentImage, FileEdit, FileTree, NewImage } from "../application.ts";
import { editFile, readYamlFile } from "./edit-file.ts";
import { joinImage, splitImage } from "./image-text.ts";
import { replaceScalar } from "./scalar.ts";
import { scalarText, type YamlFile, type YamlPart } from "./yaml-file.ts";

/** A field of a manifest or a patch that holds an image. */
export interface ManifestField {
  readonly path: string;
  /** `[Kind:]path`, as `Deployment:spec.template.spec.containers[0].image`. */
  readonly field: string;
}

/**
 * What the field says; where the path leads to several, the first.
 *
 * @throws {PromoterError} `InvalidInput` when it leads to none.
 */
export async function currentManifestField(
  tree: FileTree,
  target: ManifestField,
): Promise<CurrentImage | undefined> {
  const { file, fields } = await open(tree, target);
  const [first] = fields;
  if (first === undefined) return undefined;
  return { ...splitImage(first.text), place: file.placeAt(first.part.rangeOf(first.node).begin) };
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
  const splices = own.map(({ part, node }) => replaceScalar(file, part, node, joinImage(image)));
  // An anchor's value that several fields share is written once.
  const unique = new Map(
    splices.flatMap((splice) => (splice === undefined ? [] : [[splice.offset, splice]])),
  );
  return editFile(tree, file, [...unique.values()]);
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

function* fieldsIn(part: YamlPart, { kind, steps }: ImagePath): Generator<FoundField> {
  const root = part.reader.follow(part.root);
  const kindHere = isMap(root) ? scalarText(part.reader.follow(part.reader.fieldsOf(root).get("kind"))) : "";
  if (kind !== undefined && kind !== kindHere) return;
  for (const found of select(part, root, steps)) {
    const node = part.reader.follow(found);
    const text = scalarText(node);
    if (isScalar(node) && text !== undefined) yield { part, node, text };
  }
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
