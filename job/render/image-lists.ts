import { createHash } from "node:crypto";
import { PromoterError } from "../error.ts";

/**
 * Bytes of a list: what `kubectl apply` and Argo CD note of an object in an annotation must be below 262,144.
 * {@link https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/}
 */
const mostBytes = 200_000;
/** Above it the nodes would be busier with lists than with images. */
const mostLists = 100;

/** A file of images, in a ConfigMap of its own. */
export interface ImageList {
  /** Of the file; no other list has it. */
  readonly file: string;
  /** One image per line. */
  readonly text: string;
  /** Changes with the text. */
  readonly hash: string;
}

/**
 * Divides images among as many lists as it takes for each to fit into a ConfigMap.
 *
 * @throws {PromoterError} `Usage` when there are more than a cluster should keep.
 */
export function imageLists(images: readonly string[]): readonly ImageList[] {
  const texts: string[] = [];
  let text = "";
  for (const image of images) {
    if (text.length + image.length + 1 > mostBytes) {
      texts.push(text);
      text = "";
    }
    text += `${image}\n`;
  }
  if (text !== "") texts.push(text);
  if (texts.length > mostLists) {
    throw new PromoterError("Usage", `${images.length} images are too many to list in ConfigMaps`, {
      hint: "Say by rules which they are, with --sync, or render several backfills of a part each",
    });
  }
  return texts.map((content, position) => ({
    file: `images-${position}.txt`,
    text: content,
    hash: createHash("sha256").update(content).digest("hex").slice(0, 8),
  }));
}
