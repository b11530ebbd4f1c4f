import { PromoterError } from "../error.ts";
import { mediaTypes } from "../oci/media-type.ts";
import type { IndexContent } from "./index-content.ts";

/**
 * Refuses what Docker's manifest list has no words for: its members are schema 2 manifests with a platform, and there
 * are no annotations.
 * {@link https://github.com/distribution/distribution/blob/v2.8.3/docs/spec/manifest-v2-2.md#manifest-list}
 *
 * @throws {PromoterError} `UnsupportedManifest`, naming what stands against it.
 */
export function checkDockerList({ members, annotations, artifactType, subject }: IndexContent): void {
  if (Object.keys(annotations).length > 0) throw refusal("annotations");
  if (artifactType !== undefined) throw refusal("an artifact type");
  if (subject !== undefined) throw refusal("a subject");
  for (const member of members) {
    const { mediaType, source, digest } = member;
    if (Object.keys(member.annotations ?? {}).length > 0)
      throw refusal(`the annotations of ${source} (${digest})`);
    if (mediaType !== mediaTypes.dockerManifest)
      throw refusal(`${source} (${digest}), which is ${mediaType}`);
    if (member.platform === undefined) throw refusal(`${source} (${digest}), which has no platform`);
  }
}

function refusal(what: string): PromoterError {
  return new PromoterError("UnsupportedManifest", `A Docker manifest list cannot hold ${what}`, {
    hint: "Make an OCI index of it: --format oci; every registry and runtime of the last years reads it",
  });
}
