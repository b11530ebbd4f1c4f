import type { Waiting } from "../oci/content.ts";
import { isTag } from "../oci/reference.ts";
import { discard } from "./answer.ts";
import { followPages, type Page, readPage } from "./pages.ts";
import { printable } from "./redact.ts";
import { type RepositoryAccess, requestOf } from "./repository-access.ts";

/** Tags of a page: the most that ECR gives. */
const pageSize = 1000;

/**
 * The repository's tags in the registry's order, page by page. What could not be a tag is left out and logged.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags}
 *
 * @throws {PromoterError} `NameUnknown` when there is no such repository; what the registry says; `InvalidResponse`;
 * `RedirectRefused` when a page would be elsewhere.
 */
export async function* listTags(access: RepositoryAccess, options: Waiting = {}): AsyncGenerator<string> {
  const fetchPage = (at: string | URL) => tagsPage(access, at, options);
  const first = await fetchPage(`tags/list?n=${pageSize}`);
  for await (const { document } of followPages(access, first, fetchPage)) {
    const tags: readonly unknown[] = Array.isArray(document.tags) ? document.tags : [];
    for (const tag of tags) {
      if (typeof tag === "string" && isTag(tag)) yield tag;
      else access.log.warn({ tag: printable(String(tag), 140) }, "Left out what the registry lists as a tag");
    }
  }
}

/** Milliseconds for a list that only saves questions: registries that keep tags as files take long over many. */
const briefMs = 3_000;

/** All tags, where one answer has them soon; undefined where there are more, or the registry does not tell. */
export async function listTagsAtOnce(
  access: RepositoryAccess,
  options: Waiting = {},
): Promise<ReadonlySet<string> | undefined> {
  const request = requestOf(access, `tags/list?n=${pageSize}`, {
    ...listing(options),
    ok: [200],
    once: true,
    timeoutMs: Math.min(briefMs, access.progressTimeoutMs),
  });
  try {
    const { document, next } = await access.send(request, (answer) => readPage(access, answer));
    if (next !== undefined || !Array.isArray(document.tags)) return undefined;
    return new Set(document.tags.filter((tag) => typeof tag === "string"));
  } catch {
    // Whoever looks for a tag asks for it by name then, and hears what is wrong.
    options.signal?.throwIfAborted();
    return undefined;
  }
}

/** Whether the registry knows the repository, asked once, as it knows all in which something was ever tagged. */
export function hasRepository(access: RepositoryAccess, options: Waiting): Promise<boolean> {
  const request = requestOf(access, "tags/list?n=1", { ...listing(options), ok: [200, 404], once: true });
  return access.send(request, async (answer) => {
    await discard(answer);
    return answer.status === 200;
  });
}

function tagsPage(access: RepositoryAccess, at: string | URL, options: Waiting): Promise<Page> {
  const request = requestOf(access, at, { ...listing(options), ok: [200] });
  return access.send(request, (answer) => readPage(access, answer));
}

function listing(options: Waiting) {
  return { ...options, kind: "list", method: "GET", doing: "list tags", actions: "pull" } as const;
}
