import { isMap, isScalar, isSeq } from "yaml";
import { appendStep } from "./image-path.ts";
import { runsPromoter } from "./promoter-container.ts";
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
  /** Whether the promotion itself may run as this object: its own container asks for no promotion. */
  readonly promotion: boolean;
}

/**
 * The images of a mapping, as far as it is a pod spec: those of its containers and of its image volumes. A container
 * list is known by its name and by elements whose `image` is not a mapping. The promotion's own container is left out:
 * its image has to be there before anything is promoted.
 *
 * {@link https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec}
 */
export function* podImages(
  fields: ReadonlyMap<string, unknown>,
  path: string,
  { reader, argo, promotion }: MappingOptions,
): Generator<ImageField> {
  for (const list of argo ? workflowLists : podLists) {
    for (const [step, container] of listed(fields.get(list), reader)) {
      if (promotion && isPromoter(container, reader)) continue;
      yield* containerImage(container, appendStep(appendStep(path, list), step), reader);
    }
  }
  for (const name of argo ? workflowContainers : []) {
    yield* containerImage(fields.get(name), appendStep(path, name), reader);
  }
  yield* volumeImages(fields, path, reader);
}

function listed(node: unknown, reader: YamlReader): readonly (readonly [step: number, element: unknown])[] {
  const list = reader.follow(node);
  return isSeq(list) ? [...list.items.entries()] : [];
}

function isPromoter(container: unknown, reader: YamlReader): boolean {
  const value = reader.follow(container);
  if (!isMap(value)) return false;
  const fields = reader.fieldsOf(value);
  const variables = listed(fields.get("env"), reader).map(([, entry]) => {
    const variable = reader.follow(entry);
    return (isMap(variable) && reader.textOf(reader.fieldsOf(variable).get("name"))) || "";
  });
  const command = listed(fields.get("args"), reader)[0]?.[1];
  return runsPromoter({
    image: reader.textOf(fields.get("image")),
    variables,
    command: reader.textOf(command),
  });
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
  for (const [index, element] of listed(fields.get("volumes"), reader)) {
    const volume = reader.follow(element);
    const image = isMap(volume) ? reader.follow(reader.fieldsOf(volume).get("image")) : null;
    if (!isMap(image)) continue;
    const node = reader.fieldsOf(image).get("reference");
    const field = `${appendStep(appendStep(path, "volumes"), index)}.image.reference`;
    if (isScalar(reader.follow(node))) yield { node, field };
  }
}
