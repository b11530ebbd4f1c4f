import type { OpenRequest, RequestText } from "./forge.ts";
import type { ForgeApi } from "./forge-api.ts";
import { addressAt, numberAt, textAt } from "./json-answer.ts";

/** A pull request as GitHub says it, and whoever follows its API. */
export function readPull(answer: unknown): OpenRequest {
  return {
    number: numberAt(answer, "number"),
    url: addressAt(answer, "html_url"),
    title: textAt(answer, "title"),
    body: textAt(answer, "body"),
  };
}

/** Says something else about a pull request. */
export async function updatePull(api: ForgeApi, number: number, { title, body }: RequestText): Promise<void> {
  await api.ask("PATCH", `/repos/${api.project}/pulls/${number}`, { title, body });
}
