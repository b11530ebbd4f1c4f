import { type Forge, query } from "./forge.ts";
import { listOf } from "./json-answer.ts";
import { readPull, updatePull } from "./pulls.ts";

/** {@link https://docs.github.com/en/rest/pulls/pulls} */
export const github: Forge = {
  apiOf: (origin) => (origin === "https://github.com" ? "https://api.github.com" : `${origin}/api/v3`),
  async find(api, { base, head }) {
    const [owner] = api.project.split("/");
    const values = { state: "open", base, head: `${owner}:${head}`, per_page: "1" };
    const [first] = listOf(await api.ask("GET", `/repos/${api.project}/pulls${query(values)}`));
    return first === undefined ? undefined : readPull(first);
  },
  async create(api, { base, head, title, body, labels }) {
    const created = readPull(
      await api.ask("POST", `/repos/${api.project}/pulls`, { base, head, title, body }),
    );
    if (labels.length > 0)
      await api.ask("POST", `/repos/${api.project}/issues/${created.number}/labels`, { labels });
    return created;
  },
  update: updatePull,
};
