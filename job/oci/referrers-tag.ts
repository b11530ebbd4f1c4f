import { algorithmOf, type Digest, encodedPart } from "./digest.ts";

/**
 * The tag under which a registry without the referrers API keeps the index of what is attached to `subject`.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema}
 */
export function referrersTag(subject: Digest): string {
  return `${algorithmOf(subject)}-${encodedPart(subject).slice(0, 64)}`;
}

/** The tags under which cosign keeps signatures, attestations and SBOMs beside `subject`. */
export function cosignTags(subject: Digest): readonly string[] {
  const base = `${algorithmOf(subject)}-${encodedPart(subject)}`;
  return [`${base}.sig`, `${base}.att`, `${base}.sbom`].filter((tag) => tag.length <= 128);
}
