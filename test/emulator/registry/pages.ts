import { errorReply } from "../registry-error.ts";
import type { Reply } from "../reply.ts";
import type { RegistryCall } from "./registry-call.ts";

export interface Page {
  readonly names: readonly string[];
  /** Headers that lead to the next page, if there is one. */
  readonly headers: Readonly<Record<string, string>>;
}

const maximumPage = 1000;

/**
 * The part of a sorted list that is asked for.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags}
 */
export function readPage(
  { url, context }: Pick<RegistryCall, "url" | "context">,
  all: Iterable<string>,
): Page | Reply {
  const isLimited = context.quirks.has("page-limit");
  const asked = url.searchParams.get("n");
  const size = asked === null ? (isLimited ? maximumPage : Number.POSITIVE_INFINITY) : Number(asked);
  if (Number.isNaN(size) || size < 0 || (isLimited && (size > maximumPage || size < 1) && asked !== null)) {
    return errorReply(
      400,
      "UNSUPPORTED",
      `Invalid parameter at 'maxResults' failed to satisfy constraint: 'must be less than or equal to ${maximumPage}'`,
    );
  }
  const sorted = [...all].sort();
  const after = readPosition(url, context.quirks.has("opaque-page-token"));
  const rest = after === undefined ? sorted : sorted.filter((name) => name > after);
  const names = rest.slice(0, size);
  const last = names.at(-1);
  if (last === undefined || names.length === rest.length) return { names, headers: {} };
  const next = nextPage(url, last, context.quirks.has("opaque-page-token"));
  return { names, headers: { link: `<${next}>; rel="next"` } };
}

/** A token as base64 has it, with `+`, `/` and `=`. */
function tokenOf(name: string): string {
  return Buffer.from(`ÿþ¾${name}`, "latin1").toString("base64");
}

function readPosition(url: URL, isOpaque: boolean): string | undefined {
  if (!isOpaque) return url.searchParams.get("last") ?? undefined;
  const token = url.searchParams.get("last") ?? url.searchParams.get("next_token");
  if (token === null) return undefined;
  const text = Buffer.from(token, "base64").toString("latin1");
  return text.startsWith("ÿþ¾") ? text.slice(3) : token;
}

function nextPage(url: URL, last: string, isOpaque: boolean): string {
  const next = new URL(url);
  next.searchParams.set("last", isOpaque ? tokenOf(last) : last);
  return next.pathname + next.search;
}
