import { hasCode } from "../error.ts";
import { parseReference } from "../oci/reference.ts";
import { type Route, routeImage } from "../promotion/route.ts";

/** Tells whether a route leads to an image; not to one that cannot be read. */
export function isRoutedBy(routes: readonly Route[]): (image: string) => boolean {
  return (image) => {
    try {
      return routeImage(parseReference(image), routes) !== undefined;
    } catch (error) {
      if (hasCode(error, "InvalidReference")) return false;
      throw error;
    }
  };
}
