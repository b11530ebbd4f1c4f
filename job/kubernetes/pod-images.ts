import { fieldsOf, textOf } from "./object.ts";

/** An image that a pod's spec names. */
export interface PodImage {
  readonly image: string;
  /** The container that runs it; empty for the image of a volume. */
  readonly container: string;
  /** Where it stands in the spec. */
  readonly path: readonly (string | number)[];
}

const containerLists = ["initContainers", "containers", "ephemeralContainers"];

/**
 * The images of a pod's spec, those of containers first.
 * {@link https://kubernetes.io/docs/concepts/storage/volumes/#image}
 */
export function imagesOfPodSpec(spec: unknown): readonly PodImage[] {
  const fields = fieldsOf(spec);
  const containers = containerLists.flatMap((list) =>
    elementsOf(fields[list]).map(({ image, name }, index) => ({
      image: textOf(image),
      container: textOf(name),
      path: [list, index, "image"],
    })),
  );
  const volumes = elementsOf(fields.volumes).map(({ image }, index) => ({
    image: textOf(fieldsOf(image).reference),
    container: "",
    path: ["volumes", index, "image", "reference"],
  }));
  return [...containers, ...volumes].filter(({ image }) => image !== "");
}

/** A list's members at their places, those that are no records as empty ones. */
function elementsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}
