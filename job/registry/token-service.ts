import { PromoterError } from "../error.ts";
import { printable, redactUrl } from "./redact.ts";

/** A registry's token service, as its challenge names it. */
export interface TokenService {
  readonly realm: URL;
  readonly service: string | undefined;
}

/**
 * The token service of a `Bearer` challenge.
 *
 * @throws {PromoterError} `RedirectRefused` when the realm is no http(s) address, names a user, or is plain http for a
 * registry that speaks https.
 */
export function tokenServiceOf(origin: URL, parameters: ReadonlyMap<string, string>): TokenService {
  const realm = URL.parse(parameters.get("realm") ?? "");
  if (realm === null) throw realmRefused(origin, "no address");
  if (realm.username !== "" || realm.password !== "")
    throw realmRefused(origin, "one with a user name in it");
  const allowed = origin.protocol === "https:" ? ["https:"] : ["https:", "http:"];
  if (!allowed.includes(realm.protocol))
    throw realmRefused(origin, `${redactUrl(realm)}, which is not https`);
  return { realm, service: parameters.get("service") };
}

function realmRefused(origin: URL, what: string): PromoterError {
  return new PromoterError(
    "RedirectRefused",
    `Refused to ask for a token where ${origin.host} says: the realm of its challenge is ${printable(what, 500)}`,
    {
      hint: `Check that ${origin.host} is the registry that is meant, and how its token service is configured`,
    },
  );
}
