import type { Digest } from "../../job/oci/digest.ts";
import type { Repository } from "./repository.ts";

/** Takes a manifest away with every tag that leads to it. @returns false when it is not there. */
export function deleteImage(repository: Repository, digest: Digest): boolean {
  for (const [tag, target] of repository.imageTags) {
    if (target === digest) repository.imageTags.delete(tag);
  }
  return repository.manifests.delete(digest);
}
