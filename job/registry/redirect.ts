import { PromoterError } from "../error.ts";
import { redactUrl } from "./redact.ts";

/** How often one request may be redirected. */
export const maxHops = 5;

export interface Redirection {
  /** The address that answered with `location`. */
  readonly from: URL;
  /** The `Location` header, absolute or relative. */
  readonly location: string;
  /** The registry's own origin: what the request was first sent to. */
  readonly origin: URL;
  /** Which redirect of the request this is; 1 is the first. */
  readonly hop: number;
}

/**
 * Where a redirect leads, if it may be followed.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-15.4}
 * @throws {PromoterError} `RedirectRefused` when it leads from https to http, to another scheme, to an address with a
 * user name, to itself, or when it is one too many.
 */
export function followRedirect(redirection: Redirection): URL {
  const { from, origin, hop } = redirection;
  if (hop > maxHops) {
    throw refused(redirection, `that is redirect number ${hop}, and ${maxHops} are the most`);
  }
  const target = resolve(redirection);
  const secure = from.protocol === "https:" || origin.protocol === "https:";
  if (secure && target.protocol !== "https:") {
    throw refused(redirection, `it leads from https to ${redactUrl(target)}`);
  }
  if (target.href === withoutFragment(from).href) throw refused(redirection, "it leads to itself");
  return target;
}

/**
 * Whether a request to `target` may carry the registry's credentials: only on exactly the registry's own origin.
 * Once credentials have left it they do not come back, so whoever follows several redirects writes
 * `carries &&= mayCarryCredentials(target, origin)` at each.
 */
export function mayCarryCredentials(target: URL, origin: URL): boolean {
  return target.origin === origin.origin;
}

/**
 * An address that the registry tells us to use next (an upload's `Location`, a page's `Link`), which has to be on the
 * registry's own origin, since it is sent credentials and content.
 *
 * @throws {PromoterError} `RedirectRefused` when it is anywhere else.
 */
export function resolveOnOrigin(options: Omit<Redirection, "hop">): URL {
  const target = resolve(options);
  if (!mayCarryCredentials(target, options.origin)) {
    throw refused(
      options,
      `${redactUrl(target)} is not on the registry's own origin, ${options.origin.origin}`,
    );
  }
  return target;
}

function resolve(redirection: Omit<Redirection, "hop">): URL {
  const target = URL.parse(redirection.location, redirection.from.href);
  if (target === null) throw refused(redirection, "it leads to what is no address");
  if (target.protocol !== "https:" && target.protocol !== "http:") {
    throw refused(redirection, "it leads to something other than http or https");
  }
  if (target.username !== "" || target.password !== "") {
    throw refused(redirection, "it leads to an address with a user name in it");
  }
  return withoutFragment(target);
}

function withoutFragment(url: URL): URL {
  if (url.hash === "") return url;
  const bare = new URL(url);
  bare.hash = "";
  return bare;
}

function refused({ from }: Pick<Redirection, "from">, why: string): PromoterError {
  return new PromoterError("RedirectRefused", `Refused to follow where ${redactUrl(from)} leads: ${why}`, {
    hint: "Check that this is the registry that is meant, and how whatever stands in front of it rewrites addresses",
  });
}
