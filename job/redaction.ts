import { PromoterError } from "./error.ts";

const redacted = "[redacted]";
const maxDepth = 4;
const maxElements = 100;

// Compared without - and _: x-amz-security-token, secretAccessKey, identity_token.
const secretKey = /(?:authorization|password|passwd|token|cookie|credentials?)$|secret|^auth$/i;
// A query signed by S3, Google, CloudFront or Azure, or with a token in it. The value is worth as much as the key.
const signedQuery =
  /[?&](?:x-amz-\w|x-goog-\w|signature=|sig=|key-pair-id=|(?:access_|refresh_|id_)?token=|password=|secret=)/i;
const query = /\?[^\s"'<>]*/g;
const addressCredentials = /\/\/[^\s/@]+@/g;
const headerCredentials = /\b(bearer|basic)\s+[\w.~+/=-]{16,}/gi;

/** Shorter ones would be found in words that have nothing to do with them. */
const minSecretLength = 8;
const secrets = new Set<string>();

/** From now on no log of this process shows this text, wherever it stands. */
export function keepSecret(text: string): void {
  if (text.length < minSecretLength) return;
  for (const spelling of [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1)])
    secrets.add(spelling);
}

/** The text without signed query strings, credentials in addresses, and values of Authorization headers. */
export function redactText(text: string): string {
  return [...secrets]
    .reduce((rest, secret) => rest.replaceAll(secret, redacted), text)
    .replace(query, (match) => (signedQuery.test(match) ? `?${redacted}` : match))
    .replace(addressCredentials, `//${redacted}@`)
    .replace(headerCredentials, `$1 ${redacted}`);
}

/**
 * A copy of the fields for a log, four levels deep, without the values of keys that name secrets, and with `redactText`
 * done to every string. Errors become their message and code.
 */
export function redactFields(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, redactField(key, value, 1)]));
}

function redactField(key: string, value: unknown, depth: number): unknown {
  const named = secretKey.test(key.replaceAll(/[-_]/g, ""));
  return named && value !== undefined && value !== null ? redacted : redactValue(value, depth);
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date || value instanceof URL) return redactText(value.toJSON());
  // Deeper is neither searched nor shown; this also ends cycles.
  if (depth >= maxDepth) return "[…]";
  if (Array.isArray(value)) {
    return value.slice(0, maxElements).map((element) => redactValue(element, depth + 1));
  }
  const entries = Object.entries(value instanceof Error ? errorFields(value) : value);
  return Object.fromEntries(entries.map(([key, field]) => [key, redactField(key, field, depth + 1)]));
}

function errorFields(error: Error): object {
  const { message, cause } = error;
  const common = { message, ...(cause !== undefined && { cause }) };
  if (error instanceof PromoterError) {
    const { code, hint, request, status, side, image } = error;
    return { code, ...common, hint, request, status, side, image };
  }
  // Where an unexpected error came from is all there is to find it by.
  return { name: error.name, ...common, stack: error.stack };
}
