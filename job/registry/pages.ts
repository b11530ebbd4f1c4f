import { PromoterError } from "../error.ts";
import { isObject } from "../oci/descriptor.ts";
import { maxManifestBytes } from "../oci/manifest.ts";
import { type Answer, readBytes } from "./answer.ts";
import { nextLink } from "./link-header.ts";
import { resolveOnRegistry } from "./registry-origin.ts";
import type { RepositoryAccess } from "./repository-access.ts";

/** A page of a list, and where the next one is. */
export interface Page {
  readonly document: Record<string, unknown>;
  readonly next?: URL;
}

/** Most pages of one list: ten million tags, a thousand at a time. */
const maxPages = 10_000;

/**
 * Reads a page of a list.
 *
 * @throws {PromoterError} `InvalidResponse` when it is no JSON object or too large; `RedirectRefused` when the next
 * page would be elsewhere than on the registry.
 */
export async function readPage(access: RepositoryAccess, answer: Answer): Promise<Page> {
  const bytes = await readBytes(answer, maxManifestBytes);
  if (bytes === undefined) answer.body.destroy();
  const document = bytes && parse(bytes);
  if (!isObject(document)) throw invalidList(access, "is not the JSON of a list");
  const link = nextLink(answer.headers.link);
  if (link === undefined) return { document };
  return { document, next: resolveOnRegistry(access.origin, link, answer.url) };
}

/**
 * All pages, one after the other, each when it is asked for.
 *
 * @throws {PromoterError} `InvalidResponse` when the pages have no end.
 */
export async function* followPages(
  access: RepositoryAccess,
  first: Page,
  fetchPage: (url: URL) => Promise<Page>,
): AsyncGenerator<Page> {
  const seen = new Set<string>();
  for (let page = first; ; ) {
    yield page;
    const { next } = page;
    if (next === undefined) return;
    if (seen.has(next.href) || seen.size >= maxPages) throw invalidList(access, "has no end");
    seen.add(next.href);
    page = await fetchPage(next);
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function invalidList({ host, repository }: RepositoryAccess, what: string): PromoterError {
  return new PromoterError(
    "InvalidResponse",
    `Cannot read a list of ${host}/${repository}: what the registry sent ${what}`,
    {
      hint: `See that ${host} is a registry, and that no proxy before it alters its answers`,
    },
  );
}
