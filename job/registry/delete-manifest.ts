import type { Waiting } from "../oci/content.ts";
import type { Digest } from "../oci/digest.ts";
import { discard } from "./answer.ts";
import { assertTarget, type RepositoryAccess, requestOf } from "./repository-access.ts";

/**
 * Removes a manifest with all of its tags. One that is not there any more is as good as removed.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#deleting-manifests}
 *
 * @throws {PromoterError} `Unsupported` where the registry removes nothing; what else it says.
 */
export async function deleteManifest(
  access: RepositoryAccess,
  digest: Digest,
  options: Waiting = {},
): Promise<void> {
  assertTarget(digest);
  const request = requestOf(access, `manifests/${digest}`, {
    ...options,
    kind: "manifest-write",
    method: "DELETE",
    doing: `remove manifest ${digest}`,
    actions: "delete",
    ok: [200, 202, 404],
  });
  await access.send(request, discard);
}
