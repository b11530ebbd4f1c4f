import { invalidParameter } from "./operation.ts";

export interface PageRequest {
  readonly nextToken?: string | undefined;
  readonly maxResults?: number | undefined;
}

export interface Page<T> {
  readonly members: readonly T[];
  /** Present when there is more. */
  readonly next: { readonly nextToken?: string };
}

/** The page of `all` that a request asks for: 100 members where it says no number. */
export function pageOf<T>(all: readonly T[], { nextToken, maxResults = 100 }: PageRequest): Page<T> {
  const start = nextToken === undefined ? 0 : readToken(nextToken);
  const end = start + maxResults;
  return {
    members: all.slice(start, end),
    next: end < all.length ? { nextToken: Buffer.from(`after ${end}`).toString("base64") } : {},
  };
}

function readToken(token: string): number {
  const position = /^after ([0-9]{1,9})$/.exec(Buffer.from(token, "base64").toString())?.[1];
  if (position === undefined) throw invalidParameter("nextToken", "Invalid pagination token");
  return Number(position);
}
