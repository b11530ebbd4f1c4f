import { PromoterError } from "../../job/error.ts";
import type { ContentWriter } from "../../job/oci/content.ts";
import type { Manifest } from "../../job/oci/manifest.ts";
import { mediaTypes } from "../../job/oci/media-type.ts";

export const blob = {
  mediaType: "application/octet-stream",
  digest: `sha256:${"a".repeat(64)}`,
  size: 1,
} as const;

export const manifest: Manifest = {
  descriptor: { mediaType: mediaTypes.ociManifest, digest: `sha256:${"b".repeat(64)}`, size: 2 },
  bytes: new TextEncoder().encode("{}"),
};

export const noContent = async () => (async function* () {})();

/** A repository that is missing until `exists` says otherwise; `calls` names what was asked of it. */
export function recordingWriter(options: { readonly exists: () => boolean }) {
  const calls: string[] = [];
  const answer = async <T>(name: string, value: T): Promise<T> => {
    calls.push(name);
    if (!options.exists()) throw new PromoterError("NameUnknown", "no such repository");
    return value;
  };
  const writer: ContentWriter = {
    host: "111122223333.dkr.ecr.eu-west-1.amazonaws.com",
    repository: "team/app",
    mountableAfter: "upload",
    resolve: () => answer("resolve", manifest.descriptor),
    fetchManifest: () => answer("fetchManifest", manifest),
    fetchBlob: () => answer("fetchBlob", (async function* () {})()),
    async *referrers() {
      yield await answer("referrers", manifest.descriptor);
    },
    hasBlob: () => answer("hasBlob", true),
    pushBlob: () => answer("pushBlob", "sent" as const),
    pushManifest: () => answer("pushManifest", undefined),
    linkReferrers: () => answer("linkReferrers", undefined),
  };
  return { writer, calls };
}
