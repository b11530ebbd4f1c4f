import { isMap, isScalar } from "yaml";
import type { Reference } from "../oci/reference.ts";
import type { ImagePath } from "./image-path.ts";
import type { ImageRequest, Origin } from "./image-request.ts";
import { groupOf, isBuiltIn, type KubernetesObject } from "./kubernetes-object.ts";
import { type FoundImage, imagesInObject } from "./object-images.ts";
import { type SourceText, sourceText } from "./source-text.ts";
import { parseWrittenImage } from "./written-image.ts";
import { type YamlDocument, yamlDocuments } from "./yaml-documents.ts";
import { YamlReader } from "./yaml-reader.ts";

export interface ManifestsOptions {
  /** Fields that hold an image beside those of pod specs. */
  readonly paths?: readonly ImagePath[];
  /**
   * Told of each image of an Argo object that only its controller will know (`{{inputs.parameters.image}}`): it is
   * left out of the result.
   */
  readonly onExpression?: (expression: string, origin: Origin) => void;
}

/**
 * The images of a YAML stream or JSON text of Kubernetes objects, as `kustomize build` and `helm template` print them,
 * in the order in which they are written; an image that stands there twice is returned twice.
 *
 * Documents in which no image can stand are not parsed: those without the word `image` or a name that a path ends in.
 *
 * @throws {PromoterError} `InvalidInput` with `source:line:column`, the line and a caret, when the text is no YAML of
 * Kubernetes objects, is larger than 64 MiB, or an image is empty, a placeholder or otherwise unreadable.
 */
export function imagesInManifests(
  text: string,
  source: string,
  options: ManifestsOptions = {},
): ImageRequest[] {
  const manifests = sourceText(text, source);
  const skip = withoutImages(options.paths ?? []);
  const requests: ImageRequest[] = [];
  for (const yaml of yamlDocuments(manifests, { code: "InvalidInput", skip })) {
    const reader = new YamlReader(yaml, "InvalidInput");
    for (const image of imagesInDocument(yaml, reader, options.paths ?? [])) {
      const request = readImage(image, { reader, manifests, options });
      if (request !== undefined) requests.push(request);
    }
  }
  return requests;
}

function withoutImages(paths: readonly ImagePath[]): (text: string) => boolean {
  const names = paths.map((path) => path.steps.findLast((step) => typeof step === "string") ?? "");
  const words = ["image", ...names];
  return (text) =>
    // What does not plainly say that it is one object is read, and refused if it is none.
    /(?:^|\n)apiVersion:/.test(text) &&
    /(?:^|\n)kind:/.test(text) &&
    !/\n\.\.\./.test(text) &&
    // Escapes could hide a word.
    !/\\[xuU]/.test(text) &&
    (!words.some((word) => text.includes(word)) ||
      // Schemas are the largest documents of many releases, and speak of images a lot.
      (paths.length === 0 && /(?:^|\n)kind: CustomResourceDefinition\r?\n/.test(text)));
}

function imagesInDocument(yaml: YamlDocument, reader: YamlReader, paths: readonly ImagePath[]): FoundImage[] {
  const root = reader.follow(yaml.document.contents);
  if (root === null || isUnset(root, reader)) return [];
  if (!isMap(root)) throw reader.fault(root, "The document is no Kubernetes object", renderHint);
  try {
    const found = imagesInObject(root, reader, paths);
    // A path may lead to what a pod spec holds anyway.
    const once = new Map(found.map((image) => [reader.rangeOf(image.node).offset, image]));
    return [...once].sort(([a], [b]) => a - b).map(([, image]) => image);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw reader.fault(root, "The document is nested too deeply, or an alias stands inside its own anchor");
  }
}

const renderHint = "Pass what `kustomize build` or `helm template` prints";

interface ReadContext {
  readonly reader: YamlReader;
  readonly manifests: SourceText;
  readonly options: ManifestsOptions;
}

function readImage(image: FoundImage, { reader, manifests, options }: ReadContext): ImageRequest | undefined {
  const { node, field, object } = image;
  const { offset, length } = reader.rangeOf(node);
  const inside = `${object.description}, ${field}`;
  const text = reader.textOf(node);
  const origin = {
    source: manifests.name,
    ...manifests.positionAt(offset),
    field,
    object: object.description,
  };
  if (text === undefined) {
    if (isUnset(node, reader) && (image.optional || !isBuiltIn(object))) return undefined;
    const what = isUnset(node, reader) ? "The image is empty" : "The image is no text";
    throw reader.fault(node, `${what} (${inside})`, valueHint);
  }
  if (isExpression(text, object)) {
    options.onExpression?.(text, origin);
    return undefined;
  }
  if (text === "" && image.optional) return undefined;
  if (text.trim() === "") throw reader.fault(node, `The image is empty (${inside})`, valueHint);
  const reference: Reference = parseWrittenImage(text, {
    source: manifests,
    offset,
    length,
    inside,
    hint: valueHint,
  });
  return { reference, origin };
}

const valueHint =
  "Set the image in the overlay's images: or the chart's values, and render again: no node could pull this one";

function isUnset(node: unknown, reader: YamlReader): boolean {
  const value = reader.follow(node);
  return isScalar(value) && value.value === null;
}

/** Argo Workflows and Rollouts fill in parameters when they run. */
function isExpression(text: string, object: KubernetesObject): boolean {
  return groupOf(object) === "argoproj.io" && text.includes("{{");
}
