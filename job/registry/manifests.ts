import { hasCode, PromoterError } from "../error.ts";
import type { Waiting } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { algorithmOf, digestOf, isDigest } from "../oci/digest.ts";
import type { Manifest } from "../oci/manifest.ts";
import { manifestAccept } from "../oci/media-type.ts";
import type { Target } from "../oci/reference.ts";
import { type Answer, discard } from "./answer.ts";
import { assertDigest, digestHeader, readManifestBody, readManifestHead } from "./manifest-answer.ts";
import { assertTarget, type RepositoryAccess, requestOf } from "./repository-access.ts";

/**
 * Asks by HEAD what a tag or digest stands for; by GET where the HEAD's answer does not tell, or is refused without
 * saying why (a HEAD has no body). Undefined when there is nothing.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#checking-if-content-exists-in-the-registry}
 *
 * @throws {PromoterError} what the registry says; `DigestMismatch`, `UnsupportedManifest`.
 */
export async function resolveManifest(
  access: RepositoryAccess,
  target: Target,
  options: Waiting = {},
): Promise<Descriptor | undefined> {
  assertTarget(target);
  const request = requestOf(access, `manifests/${target}`, {
    ...options,
    kind: "manifest-read",
    method: "HEAD",
    doing: `look up manifest ${target}`,
    actions: "pull",
    headers: { accept: manifestAccept },
    ok: [200, 400, 401, 403, 404, 405],
  });
  const [status, found] = await access.send(request, async (answer) => {
    await discard(answer);
    return [answer.status, answer.status === 200 ? readManifestHead(answer, target) : undefined] as const;
  });
  if (status === 404 || found !== undefined) return found;
  return (await fetchManifest(access, target, options))?.descriptor;
}

/**
 * The exact bytes of a manifest, proven; undefined when there is none.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests}
 *
 * @throws {PromoterError} what the registry says; `DigestMismatch`, `ManifestTooLarge`, `MediaTypeMismatch`,
 * `UnsupportedManifest`, `InvalidResponse`.
 */
export async function fetchManifest(
  access: RepositoryAccess,
  target: Target,
  options: Waiting = {},
): Promise<Manifest | undefined> {
  assertTarget(target);
  const request = requestOf(access, `manifests/${target}`, {
    ...options,
    kind: "manifest-read",
    method: "GET",
    doing: `pull manifest ${target}`,
    actions: "pull",
    headers: { accept: manifestAccept },
    ok: [200],
  });
  try {
    return await access.send(request, (answer) => readManifestBody(answer, target));
  } catch (error) {
    // What is archived is there, only not to be had.
    if (error instanceof PromoterError && error.status === 404 && error.code !== "ImageArchived")
      return undefined;
    throw error;
  }
}

/** What the answer to a pushed manifest tells. */
export interface PushedManifest {
  /** Whether the registry said that it lists the manifest among its subject's referrers (`OCI-Subject`). */
  readonly subjectAcknowledged: boolean;
}

/**
 * Puts a manifest's exact bytes under a tag or its digest. A tag that is immutable and stands for this very manifest
 * already is success: an earlier answer was lost, or the promotion runs again.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests}
 *
 * @throws {PromoterError} `TagImmutable` naming both digests; `DigestMismatch` when the bytes are not the
 * descriptor's, before anything is sent; what the registry says.
 */
export async function pushManifest(
  access: RepositoryAccess,
  manifest: Manifest,
  target: Target,
  options: Waiting = {},
): Promise<PushedManifest> {
  assertTarget(target);
  const { descriptor, bytes } = manifest;
  assertDigest(descriptor.digest, digestOf(bytes, algorithmOf(descriptor.digest)));
  if (isDigest(target)) assertDigest(target, descriptor.digest);
  const request = requestOf(access, `manifests/${target}`, {
    ...options,
    kind: "manifest-write",
    method: "PUT",
    doing: `push manifest ${target}`,
    actions: "pull,push",
    headers: { "content-type": descriptor.mediaType },
    body: bytes,
    ok: [200, 201, 202],
  });
  try {
    return await access.send(request, async (answer) => {
      await discard(answer);
      assertStored(access, answer, descriptor);
      return { subjectAcknowledged: answer.headers["oci-subject"] !== undefined };
    });
  } catch (error) {
    if (!hasCode(error, "TagImmutable")) throw error;
    await assertStandsFor(access, target, descriptor, error, options);
    // Whoever pushed it first was told; nothing says otherwise.
    return { subjectAcknowledged: true };
  }
}

/** Where the answer names what was stored, that must be what was sent; a 200, which any page has, has to name it. */
function assertStored({ host, repository }: RepositoryAccess, answer: Answer, { digest }: Descriptor): void {
  const named = [
    digestHeader(answer),
    decodeURIComponentOrEmpty(answer.headers.location?.split(/[?#]/)[0]?.split("/").at(-1)),
  ];
  if (answer.status === 200 && !named.some((found) => found !== undefined && isDigest(found))) {
    throw new PromoterError(
      "InvalidResponse",
      `Cannot push manifest ${digest} at ${host}/${repository}: the answer does not say that it was stored`,
      { temporary: true, status: 200, hint: `See that what answers for ${host} is a registry` },
    );
  }
  for (const found of named) {
    if (found !== undefined && isDigest(found) && algorithmOf(found) === algorithmOf(digest)) {
      assertDigest(digest, found);
    }
  }
}

function decodeURIComponentOrEmpty(text = ""): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

async function assertStandsFor(
  access: RepositoryAccess,
  target: Target,
  wanted: Descriptor,
  refusal: PromoterError,
  options: Waiting,
): Promise<void> {
  const standing = await resolveManifest(access, target, options);
  if (standing?.digest === wanted.digest) return;
  if (standing === undefined) throw refusal;
  throw new PromoterError(
    "TagImmutable",
    `Cannot push manifest ${target} at ${access.host}/${access.repository}: the tag is immutable and stands for ${standing.digest}, not for ${wanted.digest}`,
    {
      cause: refusal,
      ...(refusal.request !== undefined && { request: refusal.request }),
      ...(refusal.status !== undefined && { status: refusal.status }),
      hint: `Promote ${wanted.digest} under a new tag, or ask for the tag's own image: ${access.repository}:${target}@${standing.digest}`,
    },
  );
}
