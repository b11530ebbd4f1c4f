import { matchesWildcard } from "../oci/wildcard.ts";
import type { TagMutability } from "./repository-settings.ts";

/**
 * Whether a tag that exists can no longer be moved.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html}
 */
export function isTagImmutable(mutability: TagMutability, tag: string): boolean {
  const excluded = () => mutability.exclusions.some((pattern) => matchesWildcard(pattern, tag));
  switch (mutability.mode) {
    case "MUTABLE":
      return false;
    case "IMMUTABLE":
      return true;
    case "MUTABLE_WITH_EXCLUSION":
      return excluded();
    case "IMMUTABLE_WITH_EXCLUSION":
      return !excluded();
    default:
      return mutability.mode satisfies never;
  }
}
