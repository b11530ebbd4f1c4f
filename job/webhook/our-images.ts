import { hasCode } from "../error.ts";
import { parseReference, type Reference } from "../oci/reference.ts";
import { destinationOf, type Route, routeImage } from "../promotion/route.ts";
import type { WorkloadImage } from "./workload-images.ts";

/** An image that is ours to see to. */
export interface OurImage {
  /** As it is written. */
  readonly image: string;
  /** Everywhere that it is written in the object. */
  readonly paths: readonly WorkloadImage["path"][];
  /** Where it has to be. */
  readonly destination: Reference;
  /** `source`: it is written as it is called where it comes from; `nothing`: no route leads to it. */
  readonly namedBy: "destination" | "source" | "nothing";
}

/** Images, each once, that a route leads to or comes from; with `strict` all others, too. */
export function imagesOfOurs(
  images: readonly WorkloadImage[],
  { routes, strict }: { readonly routes: readonly Route[]; readonly strict: boolean },
): readonly OurImage[] {
  return [...Map.groupBy(images, ({ image }) => image)].flatMap(([image, same]): readonly OurImage[] => {
    const reference = readable(image);
    if (reference === undefined) return [];
    const paths = same.map(({ path }) => path);
    if (routeImage(reference, routes) !== undefined) {
      return [{ image, paths, destination: reference, namedBy: "destination" }];
    }
    const meant = destinationOf(reference, routes);
    if (meant !== undefined && routeImage(meant, routes) !== undefined) {
      return [{ image, paths, destination: meant, namedBy: "source" }];
    }
    return strict ? [{ image, paths, destination: reference, namedBy: "nothing" }] : [];
  });
}

/** What no node can pull is the API server's or the kubelet's to refuse. */
function readable(image: string): Reference | undefined {
  try {
    return parseReference(image);
  } catch (error) {
    if (hasCode(error, "InvalidReference")) return undefined;
    throw error;
  }
}
