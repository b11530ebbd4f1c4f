import { isMap, isSeq, type YAMLMap } from "yaml";
import type { ImagePath } from "../../images/image-path.ts";
import { formatOrigin, type Origin } from "../../images/image-request.ts";
import { holdsNoPods, objectOf } from "../../images/kubernetes-object.ts";
import { imagesInObject } from "../../images/object-images.ts";
import { sourceText } from "../../images/source-text.ts";
import { type YamlDocument, yamlDocuments } from "../../images/yaml-documents.ts";
import { YamlReader } from "../../images/yaml-reader.ts";
import { isFields } from "../fields.ts";
import { fieldOf, plainOf, textField } from "./plain-value.ts";
import { type Annotations, type SyncOrder, syncOrderOf } from "./sync-order.ts";

/** One object of a stream of manifests, as far as hooks go. */
export interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string | undefined;
  readonly generateName: string | undefined;
  readonly namespace: string | undefined;
  readonly labels: Annotations;
  readonly annotations: Annotations;
  readonly order: SyncOrder;
  /** The whole object; empty for kinds that hold no pods and that nothing refers into. */
  readonly value: unknown;
  /** What its pods run. */
  readonly images: readonly WrittenField[];
  /** `Job prod/promote`. */
  readonly description: string;
  /** `release.yaml:12:1`. */
  readonly place: string;
}

/** An image, as it is written. */
export interface WrittenField {
  readonly image: string;
  /** Its place inside the object: `spec.template.spec.containers[0].image`. */
  readonly field: string;
}

export interface ReadOptions {
  /** Fields that hold an image beside those of pod specs. */
  readonly paths?: readonly ImagePath[];
}

/**
 * The objects of a YAML stream or JSON text, those inside Lists one by one, in the order in which they are written.
 *
 * @throws {PromoterError} `InvalidInput` with `source:line:column` when the text is no YAML of Kubernetes objects.
 */
export function readObjects(
  text: string,
  source: string,
  { paths = [] }: ReadOptions = {},
): readonly ManifestObject[] {
  const manifests = sourceText(text, source);
  const objects: ManifestObject[] = [];
  for (const yaml of yamlDocuments(manifests, { code: "InvalidInput", skip: isSchema })) {
    const reader = new YamlReader(yaml, "InvalidInput");
    const root = reader.follow(yaml.document.contents);
    if (isMap(root)) objects.push(...objectsIn(root, { yaml, reader, paths }));
  }
  return objects;
}

/** The largest documents of many releases, which no hook needs. */
function isSchema(text: string): boolean {
  return /(?:^|\n)kind: CustomResourceDefinition\r?\n/.test(text) && !/\n\.\.\./.test(text);
}

interface Reading {
  readonly yaml: YamlDocument;
  readonly reader: YamlReader;
  readonly paths: readonly ImagePath[];
}

function* objectsIn(map: YAMLMap, reading: Reading): Generator<ManifestObject> {
  const { reader } = reading;
  const fields = reader.fieldsOf(map);
  const items = reader.follow(fields.get("items"));
  if (isSeq(items)) {
    for (const item of items.items) {
      const inner = reader.follow(item);
      if (isMap(inner)) yield* objectsIn(inner, reading);
    }
    return;
  }
  const read = readObject(map, reading);
  if (read !== undefined) yield read;
}

function readObject(map: YAMLMap, { yaml, reader, paths }: Reading): ManifestObject | undefined {
  const fields = reader.fieldsOf(map);
  const object = objectOf(fields, reader);
  if (object === undefined) return undefined;
  const metadata = plainOf(fields.get("metadata"), reader);
  const annotations = textsOf(fieldOf(metadata, "annotations"));
  const { offset } = reader.rangeOf(map);
  const origin: Origin = { source: yaml.source.name, ...yaml.source.positionAt(offset) };
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name: textField(metadata, "name"),
    generateName: textField(metadata, "generateName"),
    namespace: textField(metadata, "namespace"),
    labels: textsOf(fieldOf(metadata, "labels")),
    annotations,
    order: syncOrderOf(annotations),
    value: holdsNoPods(object) ? null : plainOf(map, reader),
    images: imagesInObject(map, reader, paths).flatMap(({ node, field }) => {
      const image = reader.textOf(node);
      return image === undefined ? [] : [{ image, field }];
    }),
    description: object.description,
    place: formatOrigin(origin),
  };
}

function textsOf(value: unknown): Annotations {
  if (!isFields(value)) return new Map();
  return new Map(
    Object.entries(value).flatMap(([name, text]) => (typeof text === "string" ? [[name, text]] : [])),
  );
}
