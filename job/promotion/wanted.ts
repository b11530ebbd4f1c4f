import { PromoterError } from "../error.ts";
import { formatReference, type Reference } from "../oci/reference.ts";
import type { WantedImage } from "./image.ts";
import { destinationOf, isLeftOut, type Route, repositoryOf, routeImage } from "./route.ts";

export interface ImageWish {
  readonly reference: Reference;
  /** Where it was asked for. */
  readonly origin?: string;
}

/**
 * Brings each wish together with the sources that it may come from. The same tag asked for with and without a digest
 * is one image, whose digest decides.
 *
 * @throws {PromoterError} `InvalidInput` when one tag is asked for at two digests; `NoRoute` under `strict` for images
 * that no route leads to, but for those that a route leaves out by name.
 */
export function wantedImages(
  wishes: readonly ImageWish[],
  routes: readonly Route[],
  options: { readonly strict: boolean },
): readonly WantedImage[] {
  const images = distinct(wishes).map(({ reference, origin }): WantedImage => {
    const sources = routeImage(reference, routes);
    const meant = sources === undefined ? destinationOf(reference, routes) : undefined;
    return {
      destination: reference,
      sources,
      ...(origin !== undefined && { origin }),
      ...(meant && { warning: `Named by its source; what runs here should be ${formatReference(meant)}` }),
    };
  });
  const stray = images.filter(
    ({ destination, sources }) => sources === undefined && !isLeftOut(destination, routes),
  );
  if (options.strict && stray.length > 0) {
    const names = stray.map(
      ({ destination, origin }) => formatReference(destination) + (origin ? ` (${origin})` : ""),
    );
    throw new PromoterError("NoRoute", `No route leads to ${names.join(", ")}`, {
      hint: "Add a route whose destination is that registry, or promote without --strict",
    });
  }
  return images;
}

function distinct(wishes: readonly ImageWish[]): readonly ImageWish[] {
  const byName = new Map<string, ImageWish>();
  for (const wish of wishes) {
    const { reference } = wish;
    const name = `${repositoryOf(reference)}${reference.tag === undefined ? `@${reference.digest}` : `:${reference.tag}`}`;
    const known = byName.get(name);
    if (known?.reference.digest && reference.digest && known.reference.digest !== reference.digest) {
      throw conflict(name, known, wish);
    }
    if (known === undefined || known.reference.digest === undefined) {
      byName.set(
        name,
        known === undefined ? wish : { ...known, reference: { ...known.reference, ...reference } },
      );
    }
  }
  return [...byName.values()];
}

function conflict(name: string, one: ImageWish, other: ImageWish): PromoterError {
  const said = [one, other].map(
    ({ reference, origin }) => `${reference.digest}${origin ? ` (${origin})` : ""}`,
  );
  return new PromoterError("InvalidInput", `Cannot give ${name} two digests: ${said.join(" and ")}`, {
    hint: "Use one digest for a tag everywhere, or give the other image a tag of its own",
  });
}
