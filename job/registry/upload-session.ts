import { lingering } from "../async/lingering.ts";
import { PromoterError } from "../error.ts";
import type { Waiting } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { algorithmOf, type Digest } from "../oci/digest.ts";
import { type Answer, discard } from "./answer.ts";
import { assertDigest, digestHeader } from "./manifest-answer.ts";
import { resolveOnRegistry } from "./registry-origin.ts";
import { type RepositoryAccess, requestOf } from "./repository-access.ts";

/** An upload that the registry has opened. */
export interface UploadSession {
  /** Where to send to next: opaque, and another one after each answer. */
  readonly location: URL;
  /** Bytes that each chunk but the last must have (`OCI-Chunk-Min-Length`); 0 where the registry asks for nothing. */
  readonly chunkMinBytes: number;
}

export interface StartUploadOptions extends Waiting {
  readonly mountFrom?: string;
}

/** Statuses by which a registry declines a mount instead of opening an upload. */
const mountRefusals = [401, 403, 404, 405];

/**
 * Opens an upload in one request, which also asks for the blob to be mounted where `mountFrom` is given. A registry
 * that will not mount opens an upload; one that refuses is asked again without.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#mounting-a-blob-from-another-repository}
 */
export async function startUpload(
  access: RepositoryAccess,
  blob: Descriptor,
  options: StartUploadOptions,
): Promise<UploadSession | "mounted"> {
  if (options.mountFrom === undefined) return post(access, blob, options);
  try {
    return await post(access, blob, options);
  } catch (error) {
    if (!(error instanceof PromoterError) || !mountRefusals.includes(error.status ?? 0)) throw error;
    const { mountFrom: _, ...plain } = options;
    return post(access, blob, plain);
  }
}

/** Milliseconds for which the answer is still waited for when all is to stop: only it says what there is to cancel. */
const openingTimeoutMs = 1_000;

/** Opens the upload; one that was opened for nobody any more is cancelled. */
async function post(
  access: RepositoryAccess,
  blob: Descriptor,
  options: StartUploadOptions,
): Promise<UploadSession | "mounted"> {
  const { signal } = options;
  if (signal === undefined) return askToOpen(access, blob, options);
  signal.throwIfAborted();
  using linger = lingering(signal, openingTimeoutMs);
  const opened = await askToOpen(access, blob, { ...options, signal: linger.signal });
  if (signal.aborted && opened !== "mounted") await cancelUpload(access, opened);
  signal.throwIfAborted();
  return opened;
}

async function askToOpen(
  access: RepositoryAccess,
  blob: Descriptor,
  options: StartUploadOptions,
): Promise<UploadSession | "mounted"> {
  const { mountFrom } = options;
  const query = new URLSearchParams({
    ...(mountFrom !== undefined && { mount: blob.digest, from: mountFrom }),
    ...(algorithmOf(blob.digest) === "sha512" && { "digest-algorithm": "sha512" }),
  });
  const request = requestOf(access, `blobs/uploads/${query.size === 0 ? "" : `?${query}`}`, {
    ...options,
    kind: "upload-start",
    method: "POST",
    doing: `push blob ${blob.digest}`,
    actions: "pull,push",
    ok: mountFrom === undefined ? [202] : [201, 202],
  });
  return access.send(request, async (answer) => {
    await discard(answer);
    if (answer.status === 202) return sessionOf(access, answer);
    assertStoredBlob(answer, blob.digest);
    return "mounted";
  });
}

/** The session as an answer of the registry describes it, from now on at its latest `Location`. */
export function sessionOf(access: RepositoryAccess, answer: Answer): UploadSession {
  const location = answer.headers.location;
  if (location === undefined) {
    throw new PromoterError(
      "InvalidResponse",
      `Cannot push to ${access.host}/${access.repository}: the registry opened an upload and did not say where`,
      { temporary: true, hint: `See that no proxy before ${access.host} removes the Location header` },
    );
  }
  const least = Number(answer.headers["oci-chunk-min-length"] ?? 0);
  return {
    location: resolveOnRegistry(access.origin, location, answer.url),
    chunkMinBytes: Number.isSafeInteger(least) && least > 0 ? least : 0,
  };
}

/** Where the upload is completed: its location with the digest added, the rest of it untouched. */
export function commitAddress({ location }: UploadSession, digest: Digest): URL {
  // Not by searchParams: that would write the registry's own parameters anew.
  const parameter = `digest=${encodeURIComponent(digest)}`;
  return new URL(`${location.href}${location.search === "" ? "?" : "&"}${parameter}`);
}

/** @throws {PromoterError} `DigestMismatch` when the answer names another blob than the one that was sent. */
export function assertStoredBlob(answer: Answer, digest: Digest): void {
  const found = digestHeader(answer);
  if (found !== undefined && algorithmOf(found) === algorithmOf(digest)) assertDigest(digest, found);
}

/** Milliseconds that ending an upload may take: it must not hold up a process that is told to stop. */
const cancelTimeoutMs = 2_000;

/** Tells the registry that an upload will not be completed. It removes such uploads by itself later, so this may fail. */
export async function cancelUpload(access: RepositoryAccess, session: UploadSession): Promise<void> {
  const request = requestOf(access, session.location, {
    kind: "upload-part",
    method: "DELETE",
    doing: "cancel an upload",
    actions: "pull,push",
    ok: [200, 202, 204],
    once: true,
    signal: AbortSignal.timeout(cancelTimeoutMs),
  });
  await access.send(request, discard).catch((error: unknown) => {
    access.log.debug(
      { error: String(error) },
      "The upload was not cancelled; the registry removes it in time",
    );
  });
}
