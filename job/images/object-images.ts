import { isMap, isSeq, type YAMLMap } from "yaml";
import { appendStep, each, type ImagePath, type PathStep } from "./image-path.ts";
import { groupOf, holdsNoPods, type KubernetesObject, objectOf } from "./kubernetes-object.ts";
import { type ImageField, podImages } from "./pod-images.ts";
import { promotionKinds } from "./promoter-container.ts";
import type { YamlReader } from "./yaml-reader.ts";

export interface FoundImage extends ImageField {
  readonly object: KubernetesObject;
  /** True where an empty value means the controller's own default. */
  readonly optional: boolean;
}

interface Walk {
  readonly reader: YamlReader;
  readonly paths: readonly ImagePath[];
  readonly found: FoundImage[];
}

/**
 * The fields of an object, and of all objects inside it, that hold an image: those of every pod spec, wherever it
 * stands, and those that the paths lead to.
 *
 * @throws {PromoterError} `InvalidInput` when the mapping is no object, or an unbuilt Kustomization.
 */
export function imagesInObject(root: YAMLMap, reader: YamlReader, paths: readonly ImagePath[]): FoundImage[] {
  const object = objectOf(reader.fieldsOf(root), reader);
  if (object === undefined) {
    throw reader.fault(
      root,
      "The document has no apiVersion and kind, so it is no Kubernetes object",
      renderHint,
    );
  }
  if (groupOf(object) === "kustomize.config.k8s.io") {
    const hint = "Build it first: kustomize build DIRECTORY | image-promoter … -f -";
    throw reader.fault(root, `${object.description} is what kustomize builds from, not what it built`, hint);
  }
  const walk: Walk = { reader, paths, found: [] };
  visitValue(root, { object, path: "", walk });
  return walk.found;
}

const renderHint = "Pass what `kustomize build` or `helm template` prints";

interface Visit {
  readonly object: KubernetesObject;
  /** Where inside the object; empty for the object itself. */
  readonly path: string;
  readonly walk: Walk;
}

function visitValue(node: unknown, visit: Visit): void {
  const value = visit.walk.reader.follow(node);
  if (isSeq(value)) {
    for (const [index, element] of value.items.entries()) {
      visitValue(element, { ...visit, path: appendStep(visit.path, index) });
    }
  } else if (isMap(value)) {
    visitMapping(value, visit);
  }
}

function visitMapping(map: YAMLMap, outer: Visit): void {
  const { reader, paths, found } = outer.walk;
  const fields = reader.fieldsOf(map);
  // An object inside an object, as in a List, speaks for itself.
  const inner = objectOf(fields, reader);
  const visit = inner === undefined ? outer : { ...outer, object: inner, path: "" };
  const { object, path } = visit;
  if (path === "") {
    for (const image of imagesAtPaths(map, object, { reader, paths })) {
      found.push({ ...image, object, optional: true });
    }
    if (holdsNoPods(object)) return;
  }
  const argo = groupOf(object) === "argoproj.io";
  const promotion = promotionKinds.has(object.kind);
  for (const image of podImages(fields, path, { reader, argo, promotion }))
    found.push({ ...image, object, optional: false });
  for (const [name, value] of fields) {
    // Neither says what is to run: labels and annotations, and what a controller saw.
    if (path === "" && (name === "metadata" || name === "status")) continue;
    visitValue(value, { ...visit, path: appendStep(path, name) });
  }
}

function* imagesAtPaths(
  map: YAMLMap,
  object: KubernetesObject,
  { reader, paths }: { readonly reader: YamlReader; readonly paths: readonly ImagePath[] },
): Generator<ImageField> {
  for (const { kind, steps } of paths) {
    if (kind !== undefined && kind !== object.kind) continue;
    for (const image of select(map, steps, "", reader)) {
      const value = reader.follow(image.node);
      // Many kinds have some `spec.image`; only who names the kind says that it holds an image.
      if ((isMap(value) || isSeq(value)) && kind === undefined) continue;
      yield image;
    }
  }
}

function* select(
  node: unknown,
  steps: readonly PathStep[],
  path: string,
  reader: YamlReader,
): Generator<ImageField> {
  const [step, ...rest] = steps;
  if (step === undefined) {
    if (node !== undefined && node !== null) yield { node, field: path };
    return;
  }
  const value = reader.follow(node);
  if (isSeq(value)) {
    for (const [index, element] of value.items.entries()) {
      if (step === each || step === index) yield* select(element, rest, appendStep(path, index), reader);
    }
  } else if (isMap(value) && typeof step === "string") {
    yield* select(reader.fieldsOf(value).get(step), rest, appendStep(path, step), reader);
  }
}
