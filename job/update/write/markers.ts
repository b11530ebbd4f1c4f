import { isAlias, isScalar, type Scalar, visit } from "yaml";
import { PromoterError } from "../../error.ts";
import type { CurrentImage, FileEdit, FileTree, NewImage } from "../application.ts";
import { editFile, inFolder } from "./edit-file.ts";
import { joinImage, joinVersion, splitImage, splitVersion } from "./image-text.ts";
import { replaceScalar } from "./scalar.ts";
import { openYamlFile, scalarText, type YamlFile, type YamlPart } from "./yaml-file.ts";

/** Values that a comment beside them marks. */
export interface MarkedValues {
  /** A file, or a folder with all YAML files below it. */
  readonly path: string;
  /** What the comment calls the image: `api`, or of Flux's markers `flux-system:api`. */
  readonly name: string;
}

/** What the marked values say together; `undefined` where none has this name. */
export async function currentMarkedImage(
  tree: FileTree,
  target: MarkedValues,
): Promise<CurrentImage | undefined> {
  let current: CurrentImage | undefined;
  for await (const file of markedFiles(tree, target.path)) {
    for (const { part, node, holds } of marksIn(file, target.name)) {
      const text = scalarText(node) ?? "";
      const place = current?.place ?? file.placeAt(part.rangeOf(node).begin);
      current = { ...readers[holds](text), ...current, place };
    }
  }
  return current;
}

/** @throws {PromoterError} `InvalidInput` when no value is marked with this name. */
export async function writeMarkedImage(
  tree: FileTree,
  target: MarkedValues,
  image: NewImage,
): Promise<FileEdit[]> {
  const edits: FileEdit[] = [];
  let count = 0;
  for await (const file of markedFiles(tree, target.path)) {
    const marks = marksIn(file, target.name);
    count += marks.length;
    const apart = marks.some(({ holds }) => holds === "digest");
    const splices = marks.map(({ part, node, holds }) =>
      replaceScalar(file, part, node, valueFor(holds, image, apart)),
    );
    const unique = new Map(splices.flatMap((splice) => (splice ? [[splice.offset, splice]] : [])));
    edits.push(...(await editFile(tree, file, [...unique.values()])));
  }
  if (count > 0) return edits;
  const where = target.path === "" ? "the repository" : target.path;
  throw new PromoterError("InvalidInput", `No value in ${where} is marked with ${target.name}`, {
    hint: `Write a comment behind the value: # {"$image": "${target.name}"}, or "${target.name}:tag" for a tag alone`,
  });
}

type Part = "image" | "tag" | "name" | "digest";

interface Mark {
  readonly part: YamlPart;
  readonly node: Scalar;
  readonly holds: Part;
}

const readers: Readonly<Record<Part, (text: string) => Omit<CurrentImage, "place">>> = {
  image: splitImage,
  tag: splitVersion,
  name: (name) => ({ name }),
  digest: (digest) => (digest === "" ? {} : { digest }),
};

function valueFor(holds: Part, image: NewImage, digestApart: boolean): string {
  if (holds === "image") return joinImage(image);
  if (holds === "tag") return (digestApart ? image.tag : joinVersion(image)) ?? "";
  return image[holds] ?? "";
}

const marker = /^[ \t]*#[^{]*\{[ \t]*"\$(?:image|imagepolicy)"[ \t]*:[ \t]*"([^"]+)"[ \t]*\}/;

function marksIn(file: YamlFile, name: string): Mark[] {
  return file.parts.flatMap((part) => {
    const marks: Mark[] = [];
    visit(part.root, (key, node) => {
      if (key === "key" || (!isScalar(node) && !isAlias(node))) return;
      const { end } = part.rangeOf(node);
      // A block ends with its line: what stands below it is behind no value.
      if (file.text[end - 1] === "\n") return;
      const lineEnd = file.text.indexOf("\n", end);
      const rest = file.text.slice(end, lineEnd < 0 ? file.text.length : lineEnd);
      const holds = partFor(marker.exec(rest)?.[1], name);
      const value = part.reader.follow(node);
      if (holds !== undefined && isScalar(value)) marks.push({ part, node: value, holds });
    });
    return marks;
  });
}

function partFor(written: string | undefined, name: string): Part | undefined {
  if (written === name) return "image";
  const holds = written?.startsWith(`${name}:`) ? written.slice(name.length + 1) : undefined;
  return holds === "tag" || holds === "name" || holds === "digest" ? holds : undefined;
}

/** How many files are read at a time. */
const atOnce = 200;

/** Files that hold no marker at all are not even parsed: among them are templates, which are no YAML. */
async function* markedFiles(tree: FileTree, path: string): AsyncGenerator<YamlFile> {
  const paths = await yamlFilesIn(tree, path);
  for (let begin = 0; begin < paths.length; begin += atOnce) {
    const some = paths.slice(begin, begin + atOnce);
    const texts = await Promise.all(some.map((file) => tree.read(file)));
    for (const [index, file] of some.entries()) {
      const text = texts[index];
      if (text !== undefined && /"\$image/.test(text)) yield openYamlFile(file, text);
    }
  }
}

/** The file itself, or all YAML files below a folder. */
async function yamlFilesIn(tree: FileTree, path: string): Promise<string[]> {
  const entries = await tree.list(path);
  if (entries.length === 0) return isYaml(path) ? [path] : [];
  const below = entries.map((entry) => {
    const inner = inFolder(path, entry.replace(/\/$/, ""));
    if (entry.endsWith("/")) return yamlFilesIn(tree, inner);
    return isYaml(entry) ? [inner] : [];
  });
  return (await Promise.all(below)).flat();
}

function isYaml(path: string): boolean {
  return /\.ya?ml$/.test(path);
}
