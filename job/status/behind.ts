import { versionOf } from "../replication/version.ts";
import type { Behind, ImageState, ModuleState } from "./environment-status.ts";

/**
 * How a module stands to that of the environment that it is promoted from; undefined where both have the same, or one
 * of them none.
 */
export function behindOf(
  images: readonly ImageState[],
  source: string,
  ofSource: ModuleState | undefined,
): Behind | undefined {
  const theirs = newestOf(ofSource?.images ?? []);
  const ours = newestOf(images);
  if (ours === undefined || theirs === undefined || images.some((image) => isSame(image, theirs))) {
    return undefined;
  }
  const { tag, digest } = theirs;
  return {
    environment: source,
    order: orderOf(ours.tag, tag),
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

/** Of several images of a module the one with the highest version: the other is on its way out. */
function newestOf(images: readonly ImageState[]): ImageState | undefined {
  return images.reduce<ImageState | undefined>(
    (newest, image) => (newest !== undefined && orderOf(newest.tag, image.tag) !== "older" ? newest : image),
    undefined,
  );
}

function isSame(one: ImageState, other: ImageState): boolean {
  if (one.digest !== undefined && other.digest !== undefined) return one.digest === other.digest;
  return one.tag !== undefined && one.tag === other.tag;
}

function orderOf(ours: string | undefined, theirs: string | undefined): Behind["order"] {
  const [one, other] = [versionOf(ours ?? ""), versionOf(theirs ?? "")];
  const order = one === undefined || other === undefined ? 0 : one.compare(other);
  return order === 0 ? "other" : order < 0 ? "older" : "newer";
}
