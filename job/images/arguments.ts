import { parseReference } from "../oci/reference.ts";
import type { ImageRequest } from "./image-request.ts";

/**
 * The images of a command line, in their order.
 *
 * @throws {PromoterError} `InvalidReference` for the first argument that is no image.
 */
export function imagesInArguments(images: readonly string[]): ImageRequest[] {
  return images.map((image) => ({ reference: parseReference(image), origin: { source: "arguments" } }));
}
