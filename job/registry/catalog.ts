import { hasCode, PromoterError } from "../error.ts";
import type { Waiting } from "../oci/content.ts";
import { isRepositoryName } from "../oci/reference.ts";
import { followPages, readPage } from "./pages.ts";
import { type RepositoryAccess, requestOf } from "./repository-access.ts";

/** Repositories of a page. Registries may give fewer. */
const pageSize = 1000;

/**
 * The names of a registry's repositories, page by page, where it tells them: the specification has no such list, and
 * many registries give it to administrators alone, or to nobody.
 * {@link https://distribution.github.io/distribution/spec/api/#listing-repositories}
 *
 * @param access to the registry as a whole: its repository is empty.
 * @throws {PromoterError} `Unsupported` when the registry has no list; `Denied`, `Unauthorized` when it is not for us.
 */
export async function* listRepositories(
  access: RepositoryAccess,
  options: Waiting = {},
): AsyncGenerator<string> {
  const fetchPage = (url: URL) => {
    const request = requestOf(access, url, {
      ...options,
      kind: "list",
      method: "GET",
      doing: "list repositories",
      actions: "catalog",
      ok: [200],
    });
    return access.send(request, (answer) => readPage(access, answer));
  };
  const first = new URL(`/v2/_catalog?n=${pageSize}`, access.origin.endpoint);
  for await (const { document } of followPages(
    access,
    await firstPage(access, first, fetchPage),
    fetchPage,
  )) {
    const names: readonly unknown[] = Array.isArray(document.repositories) ? document.repositories : [];
    for (const name of names) if (typeof name === "string" && isRepositoryName(name)) yield name;
  }
}

async function firstPage<T>({ host }: RepositoryAccess, url: URL, fetchPage: (url: URL) => Promise<T>) {
  try {
    return await fetchPage(url);
  } catch (error) {
    const refused = hasCode(error, "Denied", "Unauthorized", "Unsupported", "NameUnknown", "NameInvalid");
    const missing = error instanceof PromoterError && (error.status === 404 || error.status === 405);
    if (!(refused || missing)) throw error;
    const code = hasCode(error, "Denied", "Unauthorized") ? error.code : "Unsupported";
    throw new PromoterError(
      code,
      `Cannot list the repositories of ${host}: the registry does not tell them`,
      {
        cause: error,
        ...(error.request !== undefined && { request: error.request }),
        ...(error.status !== undefined && { status: error.status }),
        hint: "Name the repositories in the rule, without *: many registries list them for administrators only, or not at all",
      },
    );
  }
}
