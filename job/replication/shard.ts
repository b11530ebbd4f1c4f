import { createHash } from "node:crypto";
import type { Reference } from "../oci/reference.ts";

/** One share of work that is divided among several runs. */
export interface Shard {
  /** From 0, as Kubernetes counts the pods of an Indexed Job. */
  readonly index: number;
  /** How many shares there are. */
  readonly count: number;
  /**
   * `repository`: a repository's images stay together, so that a layer that they share is sent once. `image`: they are
   * spread, so that one huge repository keeps no shard busy long after the others.
   */
  readonly by: "repository" | "image";
}

/**
 * The shard that an image belongs to. It follows from the image's own name alone, so that every run comes to the same,
 * whatever else is on its list and however often it begins anew: each image has one shard, and no run has to know of
 * another.
 *
 * @param destination the image's name at the destination; a tag goes before a digest, as both name the same image.
 */
export function shardOf(destination: Reference, { count, by }: Pick<Shard, "count" | "by">): number {
  const { host, repository, tag, digest } = destination;
  const name = `${host}/${repository}`;
  return by === "repository" ? bucketOf(name, count) : bucketOf(`${name}:${tag ?? digest ?? ""}`, count);
}

/** Whether any image of a repository belongs to a shard: those of which none does need not be listed. */
export function mayHold(shard: Shard, { host, repository }: Pick<Reference, "host" | "repository">): boolean {
  return shard.by === "image" || bucketOf(`${host}/${repository}`, shard.count) === shard.index;
}

/** Those of the images that belong to a shard; all of them without one. */
export function imagesOfShard<T extends { readonly destination: Reference }>(
  images: readonly T[],
  shard: Shard | undefined,
): readonly T[] {
  if (shard === undefined) return images;
  return images.filter(({ destination }) => shardOf(destination, shard) === shard.index);
}

/** How many of the images each shard has, in the order of their indexes. */
export function shardSizes(
  destinations: readonly Reference[],
  division: Pick<Shard, "count" | "by">,
): readonly number[] {
  const sizes = Array.from({ length: division.count }, () => 0);
  for (const destination of destinations) {
    const index = shardOf(destination, division);
    sizes[index] = (sizes[index] ?? 0) + 1;
  }
  return sizes;
}

/** 48 bits of SHA-256, which no names make lopsided; the rest of the division favours no bucket that could be seen. */
function bucketOf(name: string, count: number): number {
  return createHash("sha256").update(name).digest().readUIntBE(0, 6) % count;
}
