import { PromoterError } from "../error.ts";
import { parseReference, type Reference } from "../oci/reference.ts";

/** An image of the annotation `image-list`. */
export interface ListedImage {
  /** What its own annotations begin with. */
  readonly alias: string;
  readonly image: Reference;
  /** Its name as it is written. */
  readonly name: string;
  readonly constraint?: string;
}

/** More than an application has, and little work whatever stands there. */
const mostImages = 500;

/**
 * The images of a list, with commas between, as they are written.
 *
 * @throws {PromoterError} `InvalidInput` when there are too many.
 */
export function entriesOfList(text: string): readonly string[] {
  const entries = text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  if (entries.length > mostImages) throw invalid(text, `it has more than ${mostImages} images`);
  return entries;
}

/**
 * Reads `[ALIAS=]IMAGE[:CONSTRAINT]`.
 * {@link https://argocd-image-updater.readthedocs.io/en/release-0.16/configuration/images/}
 *
 * @throws {PromoterError} `InvalidInput`
 */
export function listedImage(entry: string): ListedImage {
  // A constraint may have `=` in it, an alias has no `:` before it.
  const [, alias, rest = entry] = /^([^=:]+)=(.*)$/.exec(entry) ?? [];
  const colon = rest.indexOf(":", rest.lastIndexOf("/") + 1);
  const name = (colon < 0 ? rest : rest.slice(0, colon)).trim();
  const constraint = colon < 0 ? "" : rest.slice(colon + 1).trim();
  const { host, repository } = referenceOf(name, entry);
  // It stands in messages of commits.
  if (/\p{Cc}/u.test(alias?.trim() ?? "")) throw invalid(entry, "an alias has one line");
  return {
    alias: (alias?.trim() ?? name).replaceAll("/", "_"),
    image: { host, repository },
    name,
    ...(constraint !== "" && { constraint }),
  };
}

function referenceOf(name: string, entry: string): Reference {
  try {
    return parseReference(name);
  } catch (cause) {
    if (!(cause instanceof PromoterError)) throw cause;
    throw invalid(entry, cause.message);
  }
}

function invalid(text: string, what: string): PromoterError {
  return new PromoterError(
    "InvalidInput",
    `Cannot read the list of images ${JSON.stringify(text.slice(0, 200))}: ${what}`,
    { hint: "Write it as app=registry.example.com/team/app:~1.2, several with commas between" },
  );
}
