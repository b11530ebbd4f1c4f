import type { PullRequestDraft } from "../change-branch.ts";
import type { ForgeApi } from "./forge-api.ts";

/** A pull request that is open; GitLab calls it a merge request. */
export interface OpenRequest {
  readonly number: number;
  /** Where people read it. */
  readonly url: string;
  readonly title: string;
  readonly body: string;
}

/** From which branch into which. */
export type Branches = Pick<PullRequestDraft, "base" | "head">;

/** What a pull request says. */
export type RequestText = Pick<PullRequestDraft, "title" | "body">;

/** What takes pull requests: one kind of server. */
export interface Forge {
  /** Where its API is, by the repository's host. */
  apiOf(origin: string): string;
  find(api: ForgeApi, branches: Branches): Promise<OpenRequest | undefined>;
  create(
    api: ForgeApi,
    request: Branches & RequestText & { readonly labels: readonly string[] },
  ): Promise<OpenRequest>;
  update(api: ForgeApi, number: number, text: RequestText): Promise<void>;
}

/** A query with its values encoded. */
export function query(values: Readonly<Record<string, string>>): string {
  return `?${new URLSearchParams(values)}`;
}
