import type { ImageReport } from "../promotion/report.ts";

const digestHexDigits = 12;

/** `sha256:` and the first 12 digits: enough to recognise a digest by. */
export function shortDigest(digest: string): string {
  const colon = digest.indexOf(":");
  return digest.slice(0, colon + 1 + digestHexDigits);
}

/**
 * An image's destination as a line shows it: without its digest where that stands beside it, and without `host`, where
 * that stands above. A digest that stays is shortened.
 */
export function shortName(image: Pick<ImageReport, "destination" | "digest">, host?: string): string {
  const { destination, digest } = image;
  const at = destination.indexOf("@");
  const name = at < 0 ? destination : destination.slice(0, at);
  const own = at < 0 || digest !== undefined ? "" : `@${shortDigest(destination.slice(at + 1))}`;
  const local = host !== undefined && name.startsWith(`${host}/`) ? name.slice(host.length + 1) : name;
  return local + own;
}

/** The host that all images share, those not counted that are nobody's destination; none for a single image. */
export function sharedHost(images: readonly ImageReport[]): string | undefined {
  const ours = images.filter((image) => image.status !== "skipped");
  const hosts = new Set(ours.map((image) => image.destination.slice(0, image.destination.indexOf("/"))));
  const [host] = hosts;
  return ours.length > 1 && hosts.size === 1 ? host : undefined;
}
