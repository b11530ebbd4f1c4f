import { formatReference, type Reference } from "../oci/reference.ts";

/** Where an image was asked for, so that every message about it can point there. */
export interface Origin {
  /** A file's path, `-` for standard input, `arguments`, or the name of an environment variable. */
  readonly source: string;
  /** Counted from 1. */
  readonly line?: number;
  /** Counted from 1, in characters. */
  readonly column?: number;
  /** The field inside the object: `spec.template.spec.containers[0].image`. */
  readonly field?: string;
  /** The object's kind and name: `Deployment prod/web`. */
  readonly object?: string;
}

/** An image that somebody wants at the destination, named by its destination reference. */
export interface ImageRequest {
  readonly reference: Reference;
  readonly origin: Origin;
}

/** One line for people: `release.yaml:12:16 (Deployment prod/web, spec.template.spec.containers[0].image)`. */
export function formatOrigin(origin: Origin): string {
  const { source, line, column, field, object } = origin;
  const place = [source === "-" ? "standard input" : source, line, line === undefined ? undefined : column];
  const inside = [object, field].filter((part) => part !== undefined);
  const position = place.filter((part) => part !== undefined).join(":");
  return inside.length === 0 ? position : `${position} (${inside.join(", ")})`;
}

/** Each image once, by its canonical reference, in the order and with the origin in which it came first. */
export function uniqueRequests(requests: Iterable<ImageRequest>): ImageRequest[] {
  const first = new Map<string, ImageRequest>();
  for (const request of requests) {
    const name = formatReference(request.reference);
    if (!first.has(name)) first.set(name, request);
  }
  return [...first.values()];
}
