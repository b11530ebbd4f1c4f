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

/**
 * Whether the whole text matches a pattern in which `*` stands for any number of characters. Takes at most
 * pattern × text steps: each literal part is found once, from the left.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  const parts = pattern.split("*");
  const first = parts[0] ?? "";
  const last = parts.at(-1) ?? "";
  if (parts.length === 1) return pattern === text;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
    return false;
  const end = text.length - last.length;
  let position = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, position);
    if (found < 0 || found + part.length > end) return false;
    position = found + part.length;
  }
  return true;
}
