import { type Forge, type OpenRequest, query } from "./forge.ts";
import type { ForgeApi } from "./forge-api.ts";
import { addressAt, fieldOf, listOf, numberAt, textAt } from "./json-answer.ts";

const pageSize = 50;
/** More open pull requests than a person would look through. */
const maxPages = 20;

/** Gitea and Forgejo. {@link https://docs.gitea.com/api} */
export const gitea: Forge = {
  apiOf: (origin) => `${origin}/api/v1`,
  async find(api, { base, head }) {
    for (let page = 1; page <= maxPages; page += 1) {
      const values = { state: "open", page: String(page), limit: String(pageSize) };
      const requests = listOf(await api.ask("GET", `/repos/${api.project}/pulls${query(values)}`));
      const found = requests.find(
        (request) => fieldOf(request, "head", "ref") === head && fieldOf(request, "base", "ref") === base,
      );
      if (found !== undefined) return read(found);
      if (requests.length < pageSize) return undefined;
    }
    return undefined;
  },
  async create(api, { base, head, title, body, labels }) {
    const ids = labels.length === 0 ? [] : await idsOf(api, labels);
    return read(
      await api.ask("POST", `/repos/${api.project}/pulls`, {
        base,
        head,
        title,
        body,
        ...(ids.length > 0 && { labels: ids }),
      }),
    );
  },
  async update(api, number, { title, body }) {
    await api.ask("PATCH", `/repos/${api.project}/pulls/${number}`, { title, body });
  },
};

/** Labels are given by number; those that the repository does not have are left out. */
async function idsOf(api: ForgeApi, labels: readonly string[]): Promise<number[]> {
  const known = listOf(await api.ask("GET", `/repos/${api.project}/labels${query({ limit: "50" })}`));
  return known
    .filter((label) => labels.includes(textAt(label, "name")))
    .map((label) => numberAt(label, "id"));
}

function read(answer: unknown): OpenRequest {
  return {
    number: numberAt(answer, "number"),
    url: addressAt(answer, "html_url"),
    title: textAt(answer, "title"),
    body: textAt(answer, "body"),
  };
}
