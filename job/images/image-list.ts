import type { ImageRequest } from "./image-request.ts";

/**
 * The images of a list: one per line; `#` at the beginning of a line or after a space begins a comment.
 *
 * @throws {PromoterError} `InvalidInput` with `source:line:column` and the line, when an image cannot be read.
 */
export function imagesInList(_text: string, _source: string): ImageRequest[] {
  return [];
}

/**
 * The images of an environment variable: separated by commas, spaces or line ends; comments as in a list.
 *
 * @throws {PromoterError} `InvalidInput` with the variable's name, when an image cannot be read.
 */
export function imagesInVariable(_value: string, _variable: string): ImageRequest[] {
  return [];
}
