/** Query keys of the distribution protocol and its token service: their values are no secrets and tell what was asked. */
const protocolKeys: ReadonlySet<string> = new Set([
  "account",
  "artifactType",
  "digest",
  "from",
  "last",
  "mount",
  "n",
  "scope",
  "service",
  "tag",
]);

const redacted = "REDACTED";
const maxAddressLength = 2000;

/**
 * Control characters, formatting characters (bidirectional overrides, zero-width ones), line and paragraph separators,
 * and halves of surrogate pairs: what could move a cursor, hide text or forge a line of a log. Made when it is needed:
 * to look up Unicode's categories takes milliseconds.
 */
const unprintable = (): RegExp => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * An address fit for logs and errors: without user name, password and fragment, and with the values of all query keys
 * but the protocol's own replaced, because signed addresses keep their secrets there.
 */
export function redactUrl(url: URL | string): string {
  const parsed = typeof url === "string" ? URL.parse(url) : url;
  if (parsed === null) return "(unreadable address)";
  const bare = `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
  const query = Array.from(parsed.searchParams, ([key, value]) => redactPair(key, value)).join("&");
  return printable(query === "" ? bare : `${bare}?${query}`, maxAddressLength);
}

function redactPair(key: string, value: string): string {
  if (protocolKeys.has(key)) return `${key}=${value}`;
  // Without a value the key itself may be the secret.
  return value === "" ? redacted : `${key}=${redacted}`;
}

/** Shorter ones would be found in words that have nothing to do with them. */
const minSecretLength = 6;

/**
 * What a server says, without the Authorization header that it was sent: some repeat in an error what was wrong. Of
 * Basic credentials neither the pair nor the password stays.
 */
export function withoutCredentials(text: string, authorization: string | undefined): string {
  const [, scheme = "", value = ""] = /^(\S+) +(\S.*)$/.exec(authorization ?? "") ?? [];
  const pair = scheme.toLowerCase() === "basic" ? Buffer.from(value, "base64").toString() : "";
  const password = pair.slice(pair.indexOf(":") + 1);
  return [value, pair, password]
    .filter(({ length }) => length >= minSecretLength)
    .reduce((rest, secret) => rest.replace(inAnySpelling(secret), redacted), text);
}

/** Finds a text as it is, as JSON may escape it, and as addresses write it: errors come in JSON, and forms in addresses. */
function inAnySpelling(text: string): RegExp {
  const characters = Array.from(text, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return `(?:\\\\?\\u{${code}}|\\\\u${code.padStart(4, "0")}|%${code.padStart(2, "0")})`;
  });
  return new RegExp(characters.join(""), "giu");
}

// Addresses, and queries that stand without theirs.
const addresses = /https?:\/\/[^\s"'<>]+|\?[^\s"'<>?=]*=[^\s"'<>]*/gi;

/**
 * What a server or a library says, fit for errors and logs: `printable`, and with the queries of all addresses in it
 * redacted, because storage and proxies like to repeat the signed address that they were asked for.
 */
export function printableSpeech(text: string, max: number): string {
  // What is beyond is not shown, and need not be looked at; an address that is cut has to be seen whole.
  const start = text.slice(0, max + maxAddressLength);
  const redactedStart = start.replace(addresses, (found) =>
    found.startsWith("?") ? `?${redacted}` : redactUrl(found),
  );
  return printable(redactedStart, max);
}

/**
 * Text from outside, fit for a terminal and a log: characters that do not show are written as `\u{…}`, and what goes
 * beyond `max` characters is replaced by an ellipsis. Takes time in proportion to `max`, however long the text is.
 */
export function printable(text: string, max: number): string {
  const escaped = text.slice(0, max + 1).replace(unprintable(), codePoint);
  if (text.length <= max && escaped.length <= max) return escaped;
  return `${escaped.slice(0, Math.max(0, max - 1)).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

function codePoint(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
