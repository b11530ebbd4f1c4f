import { type Forge, type OpenRequest, query } from "./forge.ts";
import { addressAt, fieldOf, listOf, numberAt, textAt } from "./json-answer.ts";

/** Bitbucket Cloud, which has no labels. {@link https://developer.atlassian.com/cloud/bitbucket/rest/} */
export const bitbucket: Forge = {
  apiOf: (origin) => (origin === "https://bitbucket.org" ? "https://api.bitbucket.org/2.0" : `${origin}/2.0`),
  async find(api, { base, head }) {
    const q = `state="OPEN" AND source.branch.name=${quoted(head)} AND destination.branch.name=${quoted(base)}`;
    const answer = await api.ask(
      "GET",
      `/repositories/${api.project}/pullrequests${query({ q, pagelen: "1" })}`,
    );
    const [first] = listOf(fieldOf(answer, "values"));
    return first === undefined ? undefined : read(first);
  },
  async create(api, { base, head, title, body }) {
    return read(
      await api.ask("POST", `/repositories/${api.project}/pullrequests`, {
        title,
        description: body,
        source: { branch: { name: head } },
        destination: { branch: { name: base } },
        close_source_branch: true,
      }),
    );
  },
  async update(api, number, { title, body }) {
    await api.ask("PUT", `/repositories/${api.project}/pullrequests/${number}`, { title, description: body });
  },
};

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function read(answer: unknown): OpenRequest {
  return {
    number: numberAt(answer, "id"),
    url: addressAt(answer, "links", "html", "href"),
    title: textAt(answer, "title"),
    body: textAt(answer, "description"),
  };
}
