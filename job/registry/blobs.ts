import { hasCode, PromoterError } from "../error.ts";
import type { ByteStream, Waiting } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { algorithmOf } from "../oci/digest.ts";
import { type Answer, assertNotEncoded, discard } from "./answer.ts";
import { type OpenedBlob, streamBlob, tooLong } from "./blob-stream.ts";
import { assertDigest, digestHeader } from "./manifest-answer.ts";
import { type RepositoryAccess, requestOf } from "./repository-access.ts";

/**
 * Whether the repository has a blob, by HEAD.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#checking-if-content-exists-in-the-registry}
 *
 * @throws {PromoterError} what the registry says; `SizeMismatch` when it has the blob in another size.
 */
export async function hasBlob(
  access: RepositoryAccess,
  blob: Descriptor,
  options: Waiting = {},
): Promise<boolean> {
  try {
    return await headBlob(access, blob, options);
  } catch (error) {
    if (!(error instanceof PromoterError) || ![400, 401, 403].includes(error.status ?? 0)) throw error;
    // A HEAD's answer has no body: only a GET's says whether a token has expired, and then that is renewed.
    const why = await refusalOf(access, blob, options);
    try {
      return await headBlob(access, blob, options);
    } catch (again) {
      throw why !== undefined && hasCode(again, error.code) ? why : again;
    }
  }
}

async function headBlob(access: RepositoryAccess, blob: Descriptor, options: Waiting): Promise<boolean> {
  const request = requestOf(access, `blobs/${blob.digest}`, {
    ...options,
    kind: "blob-check",
    method: "HEAD",
    doing: `look up blob ${blob.digest}`,
    actions: "pull",
    ok: [200, 404],
  });
  return access.send(request, async (answer) => {
    await discard(answer);
    if (answer.status === 404) return false;
    const found = digestHeader(answer);
    if (found !== undefined && algorithmOf(found) === algorithmOf(blob.digest))
      assertDigest(blob.digest, found);
    // Some proxies write 0 into what has no body.
    if (answer.headers["content-length"] !== "0") assertLength(answer, blob, { temporary: false });
    return true;
  });
}

async function refusalOf(
  access: RepositoryAccess,
  blob: Descriptor,
  options: Waiting,
): Promise<PromoterError | undefined> {
  try {
    const stream = await fetchBlob(access, blob, options);
    await stream[Symbol.asyncIterator]().return?.();
  } catch (error) {
    if (error instanceof PromoterError && [400, 401, 403].includes(error.status ?? 0)) return error;
  }
  return undefined;
}

/**
 * A blob's bytes as they come, from where the registry keeps them. After a broken connection they go on where they
 * stopped, from an address that the registry gives anew. Other addresses that a descriptor may name are never asked.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs}
 *
 * @throws {PromoterError} `BlobUnknown`; what the registry says; `InvalidResponse`; `SizeMismatch` when there are
 * other than `blob.size` bytes.
 */
export async function fetchBlob(
  access: RepositoryAccess,
  blob: Descriptor,
  options: Waiting = {},
): Promise<ByteStream> {
  const open = (position: number) => openBlob(access, blob, position, options);
  const { host, repository } = access;
  const { url, ...described } = describe(access, blob, options);
  return streamBlob({
    ...options,
    access,
    blob,
    context: { ...described, host, repository, url },
    first: await open(0),
    reopen: open,
  });
}

function describe(access: RepositoryAccess, blob: Descriptor, options: Waiting) {
  return requestOf(access, `blobs/${blob.digest}`, {
    ...options,
    kind: "blob-read",
    method: "GET",
    doing: `pull blob ${blob.digest}`,
    actions: "pull",
    ok: [200, 206],
    large: blob.size >= access.largeBlobBytes,
  });
}

async function openBlob(
  access: RepositoryAccess,
  blob: Descriptor,
  position: number,
  options: Waiting,
): Promise<OpenedBlob> {
  const request = describe(access, blob, options);
  const range = position === 0 ? {} : { headers: { range: `bytes=${position}-` } };
  return access.send({ ...request, ...range }, async (answer) => {
    assertNotEncoded(answer);
    if (answer.status === 200) {
      // What is too short has most often been cut off on the way.
      assertLength(answer, blob, { temporary: true });
      // The whole blob, although a part was asked for.
      return { answer, skip: position };
    }
    assertRange(answer, position, blob);
    return { answer, skip: 0 };
  });
}

function assertLength(
  answer: Answer,
  blob: Descriptor,
  { temporary }: { readonly temporary: boolean },
): void {
  const header = answer.headers["content-length"];
  const length = Number(header ?? blob.size);
  if (length > blob.size) throw tooLong(blob);
  if (length === blob.size) return;
  throw new PromoterError(
    "SizeMismatch",
    `Refused blob ${blob.digest}: its descriptor says ${blob.size} bytes, ${answer.url.host} has ${length}`,
    { temporary, hint: "Run again; if it stays so, push the image again at its source" },
  );
}

/** {@link https://www.rfc-editor.org/rfc/rfc9110#section-14.4} */
function assertRange(answer: Answer, position: number, blob: Descriptor): void {
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(answer.headers["content-range"]?.trim() ?? "");
  const total = range?.[3] === "*" ? blob.size : Number(range?.[3]);
  if (Number(range?.[1]) === position && total === blob.size) return;
  throw new PromoterError(
    "InvalidResponse",
    `Refused what ${answer.url.host} sent of blob ${blob.digest}: it was asked for the bytes from ${position} on and sent others`,
    { hint: `See that no proxy before ${answer.url.host} alters requests for ranges` },
  );
}
