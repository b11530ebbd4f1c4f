import { type Forge, query } from "./forge.ts";
import type { ForgeApi } from "./forge-api.ts";
import { fieldOf, listOf, numberAt, textAt } from "./json-answer.ts";
import { readPull, updatePull } from "./pulls.ts";

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
      if (found !== undefined) return readPull(found);
      if (requests.length < pageSize) return undefined;
    }
    return undefined;
  },
  async create(api, { base, head, title, body, labels }) {
    const ids = labels.length === 0 ? [] : await idsOf(api, labels);
    return readPull(
      await api.ask("POST", `/repos/${api.project}/pulls`, {
        base,
        head,
        title,
        body,
        ...(ids.length > 0 && { labels: ids }),
      }),
    );
  },
  update: updatePull,
};

/** Labels are given by number; those that the repository does not have are left out. */
async function idsOf(api: ForgeApi, labels: readonly string[]): Promise<number[]> {
  const known = listOf(await api.ask("GET", `/repos/${api.project}/labels${query({ limit: "50" })}`));
  return known
    .filter((label) => labels.includes(textAt(label, "name")))
    .map((label) => numberAt(label, "id"));
}
