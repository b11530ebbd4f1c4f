import type { Waiting } from "../oci/content.ts";
import type { Digest } from "../oci/digest.ts";
import type { Target } from "../oci/reference.ts";

/** A repository by its registry and its name there. */
export interface RepositoryName {
  readonly host: string;
  readonly repository: string;
}

/** A tag as a registry lists it. */
export interface ListedTag {
  readonly tag: string;
  /** What it stands for, where the list tells. */
  readonly digest?: Digest;
  /** Milliseconds since the epoch, where the list tells. */
  readonly pushedAt?: number;
}

/** An image that a repository holds, tagged or not. */
export interface HeldImage {
  readonly digest: Digest;
  readonly tags: readonly string[];
  readonly mediaType: string;
  /** What it is attached to, where the list tells. */
  readonly subject?: Digest;
  /** It cannot be read until somebody restores it. */
  readonly archived: boolean;
}

/** What came of removing an image. */
export interface KeptImage {
  readonly digest: Digest;
  readonly reason: string;
}

/**
 * What registries hold, beyond what is asked for by name. `undefined` means "asked, and there is no such repository";
 * "could not ask" is always a throw.
 */
export interface Catalog {
  /** All repositories of a registry. Throws `Unsupported` or `Denied` where it does not tell them. */
  repositories(host: string, options?: Waiting): Promise<readonly string[]>;
  /** The tags of a repository whose images can be pulled. */
  tags(repository: RepositoryName, options?: Waiting): Promise<readonly ListedTag[] | undefined>;
  /** Milliseconds since the epoch when an image was pushed; undefined where it is not there, or the registry does not tell. */
  pushedAt(repository: RepositoryName, target: Target, options?: Waiting): Promise<number | undefined>;
  /** All images of a repository; of untagged ones those that the registry tells. */
  images(repository: RepositoryName, options?: Waiting): Promise<readonly HeldImage[] | undefined>;
  /** Removes images with all of their tags, in this order. @returns those that the registry keeps. */
  remove(
    repository: RepositoryName,
    digests: readonly Digest[],
    options?: Waiting,
  ): Promise<readonly KeptImage[]>;
}
