import { hasCode } from "../error.ts";
import { parseReference, type Reference } from "../oci/reference.ts";
import { faultIn, type SourceText } from "./source-text.ts";

export interface WrittenPlace {
  readonly source: SourceText;
  /** Where the image begins, counted from 0 in UTF-16 units. */
  readonly offset: number;
  /** How many characters it takes there, when that is not its own length: quotes, escapes. */
  readonly length?: number;
  /** The object and field that it stands in, for the message. */
  readonly inside?: string;
  /** What to do when it cannot be read, instead of the grammar's own hint. */
  readonly hint?: string;
}

/**
 * Reads an image that is written in a text.
 *
 * @throws {PromoterError} `InvalidInput` with the place, the line and a caret.
 */
export function parseWrittenImage(image: string, place: WrittenPlace): Reference {
  try {
    return parseReference(image);
  } catch (error) {
    if (!hasCode(error, "InvalidReference")) throw error;
    const { source, offset, inside } = place;
    const hint = place.hint ?? error.hint;
    throw faultIn(source, "InvalidInput", {
      what: inside === undefined ? error.message : `${error.message} (${inside})`,
      offset,
      length: place.length ?? image.length,
      ...(hint !== undefined && { hint }),
      cause: error,
    });
  }
}
