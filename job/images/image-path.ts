/** A field that holds an image, beside those of pod specs: `[Kind:]name(.name | [*] | [index])*`. */
export interface ImagePath {
  /** Only objects of this kind. */
  readonly kind?: string;
  /** Names of fields, indexes of lists, and `*` for each element of a list. */
  readonly steps: readonly (string | number | EachElement)[];
}

/** Each element of a list. */
export interface EachElement {
  readonly each: true;
}

/** @throws {PromoterError} `InvalidInput` with a caret under what is wrong. */
export function parseImagePath(text: string): ImagePath {
  return { steps: text.split(".") };
}
