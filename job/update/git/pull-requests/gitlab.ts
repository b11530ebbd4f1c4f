import { type Forge, type OpenRequest, query } from "./forge.ts";
import type { ForgeApi } from "./forge-api.ts";
import { addressAt, listOf, numberAt, textAt } from "./json-answer.ts";

/** {@link https://docs.gitlab.com/api/merge_requests/} */
export const gitlab: Forge = {
  apiOf: (origin) => `${origin}/api/v4`,
  async find(api, { base, head }) {
    const values = { state: "opened", source_branch: head, target_branch: base, per_page: "1" };
    const [first] = listOf(await api.ask("GET", `${requestsOf(api)}${query(values)}`));
    return first === undefined ? undefined : read(first);
  },
  async create(api, { base, head, title, body, labels }) {
    return read(
      await api.ask("POST", requestsOf(api), {
        source_branch: head,
        target_branch: base,
        title,
        description: body,
        remove_source_branch: true,
        ...(labels.length > 0 && { labels: labels.join(",") }),
      }),
    );
  },
  async update(api, number, { title, body }) {
    await api.ask("PUT", `${requestsOf(api)}/${number}`, { title, description: body });
  },
};

/** A project is named by its whole path, groups included. */
function requestsOf({ project }: ForgeApi): string {
  return `/projects/${encodeURIComponent(project)}/merge_requests`;
}

function read(answer: unknown): OpenRequest {
  return {
    number: numberAt(answer, "iid"),
    url: addressAt(answer, "web_url"),
    title: textAt(answer, "title"),
    body: textAt(answer, "description"),
  };
}
