import type { Settings } from "../config/settings.ts";
import { formatOrigin, type ImageRequest, uniqueRequests } from "../images/image-request.ts";
import type { Log } from "../log.ts";
import { formatReference } from "../oci/reference.ts";
import { wantedImages } from "../promotion/wanted.ts";

export interface SelectingOptions {
  readonly routes: Settings["routes"];
  readonly strict: boolean;
  readonly log: Log;
}

/**
 * The images that a route leads to, each once; what is to be said of the others is logged.
 *
 * @throws {PromoterError} `NoRoute` for an image without a route, when `strict`.
 */
export function selectImages(
  requests: readonly ImageRequest[],
  { routes, strict, log }: SelectingOptions,
): readonly string[] {
  const wishes = uniqueRequests(requests).map(({ reference, origin }) => ({
    reference,
    origin: formatOrigin(origin),
  }));
  return wantedImages(wishes, routes, { strict }).flatMap(({ destination, sources, origin, warning }) => {
    const image = formatReference(destination);
    if (warning !== undefined) log.warn({ image, origin }, warning);
    return sources === undefined ? [] : [image];
  });
}
