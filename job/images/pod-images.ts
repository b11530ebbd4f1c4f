import { isMap, isScalar, isSeq } from "yaml";
import { appendStep } from "./image-path.ts";
import type { YamlReader } from "./yaml-reader.ts";

/** A field that holds an image. */
export interface ImageField {
  /** The scalar, or the alias of one. */
  readonly node: unknown;
  /** Its name inside the object: `spec.containers[0].image`. */
  readonly field: string;
}

const podLists = ["initContainers", "containers", "ephemeralContainers"];
const workflowLists = [...podLists, "sidecars"];
// A Workflow's template, or an EventSource's, is one container instead of a list.
const workflowContainers = ["container", "script"];

export interface MappingOptions {
  readonly reader: YamlReader;
  /** Whether the object is of Argo's group, whose templates hold containers in more ways than a pod. */
  readonly argo: boolean;
}

/**
 * The images of a mapping, as far as it is a pod spec: those of its containers and of its image volumes. A container
 * list is known by its name and by elements whose `image` is not a mapping.
 *
 * {@link https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec}
 */
export function* podImages(
  fields: ReadonlyMap<string, unknown>,
  path: string,
  { reader, argo }: MappingOptions,
): Generator<ImageField> {
  for (const list of argo ? workflowLists : podLists) {
    yield* elementImages(fields, list, path, reader);
  }
  for (const name of argo ? workflowContainers : []) {
    yield* containerImage(fields.get(name), appendStep(path, name), reader);
  }
  yield* volumeImages(fields, path, reader);
}

function* elementImages(
  fields: ReadonlyMap<string, unknown>,
  list: string,
  path: string,
  reader: YamlReader,
): Generator<ImageField> {
  const elements = reader.follow(fields.get(list));
  if (!isSeq(elements)) return;
  for (const [index, element] of elements.items.entries()) {
    yield* containerImage(element, appendStep(appendStep(path, list), index), reader);
  }
}

function* containerImage(container: unknown, path: string, reader: YamlReader): Generator<ImageField> {
  const value = reader.follow(container);
  if (!isMap(value)) return;
  const fields = reader.fieldsOf(value);
  const node = fields.get("image");
  if (isScalar(reader.follow(node))) yield { node, field: appendStep(path, "image") };
}

/** {@link https://kubernetes.io/docs/concepts/storage/volumes/#image} */
function* volumeImages(
  fields: ReadonlyMap<string, unknown>,
  path: string,
  reader: YamlReader,
): Generator<ImageField> {
  const volumes = reader.follow(fields.get("volumes"));
  if (!isSeq(volumes)) return;
  for (const [index, element] of volumes.items.entries()) {
    const volume = reader.follow(element);
    const image = isMap(volume) ? reader.follow(reader.fieldsOf(volume).get("image")) : null;
    if (!isMap(image)) continue;
    const node = reader.fieldsOf(image).get("reference");
    const field = `${appendStep(appendStep(path, "volumes"), index)}.image.reference`;
    if (isScalar(reader.follow(node))) yield { node, field };
  }
}
