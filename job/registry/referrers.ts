import { PromoterError } from "../error.ts";
import type { Waiting } from "../oci/content.ts";
import { type Descriptor, isObject, readDescriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { mediaTypes } from "../oci/media-type.ts";
import { referrersTag } from "../oci/referrers-tag.ts";
import { type Answer, discard, readErrorText } from "./answer.ts";
import { parseErrorBody } from "./error-body.ts";
import { fetchManifest } from "./manifests.ts";
import { followPages, type Page, readPage } from "./pages.ts";
import type { ApiAnswer, ReferrersApi } from "./referrers-api.ts";
import { readReferrersIndex } from "./referrers-index.ts";
import { type RepositoryAccess, requestOf } from "./repository-access.ts";

export interface ListReferrersOptions extends Waiting {
  /** The repository's tags, where they are known: without them the referrers tag is asked for. */
  readonly tags?: () => Promise<ReadonlySet<string> | undefined>;
}

/**
 * What is attached to `subject`, each manifest once: by the referrers API, else by the index under the referrers tag.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers}
 *
 * @throws {PromoterError} what the registry says; `ManifestInvalid` when an entry is malformed.
 */
export async function* listReferrers(
  access: RepositoryAccess,
  api: ReferrersApi,
  subject: Digest,
  options: ListReferrersOptions = {},
): AsyncGenerator<Descriptor> {
  const first = await askReferrersApi(access, api, subject, options);
  if (first === undefined) {
    yield* await taggedReferrers(access, subject, options);
    return;
  }
  const seen = new Set<Digest>();
  const fetchPage = async (url: URL) => {
    const { answer } = await referrersPage(access, url, options);
    return answer ?? { document: {} };
  };
  for await (const { document } of followPages(access, first, fetchPage)) {
    for (const entry of entriesOf(document)) {
      if (seen.has(entry.digest)) continue;
      seen.add(entry.digest);
      yield entry;
    }
  }
}

/** The first page of the referrers API; undefined where the registry has none. */
export function askReferrersApi(
  access: RepositoryAccess,
  api: ReferrersApi,
  subject: Digest,
  options: Waiting,
): Promise<Page | undefined> {
  return api.ask(() => referrersPage(access, `referrers/${subject}`, options));
}

async function referrersPage(
  access: RepositoryAccess,
  at: string | URL,
  options: Waiting,
): Promise<ApiAnswer<Page>> {
  const request = requestOf(access, at, {
    ...options,
    kind: "list",
    method: "GET",
    doing: "list referrers",
    actions: "pull",
    headers: { accept: mediaTypes.ociIndex },
    ok: [200, 404],
  });
  try {
    return await access.send(request, (answer) => readReferrersAnswer(access, answer));
  } catch (error) {
    const absent = error instanceof PromoterError && [400, 405, 501].includes(error.status ?? 0);
    if (absent && error.code !== "TokenExpired") return { exists: false };
    throw error;
  }
}

/** A server that answers every address with a page of its own has no such API, whatever the status. */
async function readReferrersAnswer(access: RepositoryAccess, answer: Answer): Promise<ApiAnswer<Page>> {
  if (answer.status === 404) {
    const messages = parseErrorBody(await readErrorText(answer));
    return { exists: messages.some(({ code }) => code === "NAME_UNKNOWN") ? undefined : false };
  }
  if (!(answer.headers["content-type"] ?? "").includes("json")) {
    await discard(answer);
    return { exists: false };
  }
  const page = await readPage(access, answer);
  return "manifests" in page.document ? { answer: page, exists: true } : { exists: false };
}

/** The list that the referrers tag holds; empty when there is none. What else may be under that tag is no list. */
async function taggedReferrers(
  access: RepositoryAccess,
  subject: Digest,
  { tags, ...options }: ListReferrersOptions,
): Promise<readonly Descriptor[]> {
  const tag = referrersTag(subject);
  const known = await tags?.();
  if (known !== undefined && !known.has(tag)) return [];
  const index = await fetchManifest(access, tag, options);
  if (index === undefined) return [];
  if (index.descriptor.mediaType === mediaTypes.ociIndex) return readReferrersIndex(index.bytes);
  access.log.warn(
    { tag, mediaType: index.descriptor.mediaType },
    "The referrers tag holds no list of referrers",
  );
  return [];
}

function entriesOf({ manifests }: Record<string, unknown>): Descriptor[] {
  if (!Array.isArray(manifests)) return [];
  return manifests.filter(isObject).map((entry, at) => readDescriptor(entry, `manifests[${at}]`));
}
