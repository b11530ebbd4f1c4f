import { PromoterError } from "../error.ts";
import { isHost } from "../oci/reference.ts";

/**
 * Reads `HOST[:PORT]`, or `*.SUFFIX` for every host below the suffix.
 *
 * @throws {PromoterError} `InvalidConfiguration`
 */
export function parseHostPattern(text: string): string {
  if (isHost(text.startsWith("*.") ? text.slice(2) : text)) return text;
  throw new PromoterError(
    "InvalidConfiguration",
    `${JSON.stringify(text.slice(0, 300))} is no registry host`,
    {
      hint: "Write a host without scheme and path, or *.suffix for all below it: *.dkr.ecr.eu-west-1.amazonaws.com",
    },
  );
}

/**
 * Reads a registry's `HOST[:PORT]`.
 *
 * @throws {PromoterError} `InvalidConfiguration`
 */
export function parseHost(text: string): string {
  if (isHost(text)) return text;
  throw new PromoterError(
    "InvalidConfiguration",
    `${JSON.stringify(text.slice(0, 300))} is no registry host`,
    {
      hint: "Write a host without scheme and path: registry.example.com:5000",
    },
  );
}

/** The entry for a host: the one that names it, else the one with the longest suffix; undefined when there is none. */
export function entryFor<T extends { readonly host: string }>(
  host: string,
  entries: readonly T[],
): T | undefined {
  return entries
    .filter((entry) => matches(host, entry.host))
    .sort((a, b) => rank(b.host) - rank(a.host))
    .at(0);
}

/** True when the pattern is the host itself, or `*.suffix` with something before the suffix. */
function matches(host: string, pattern: string): boolean {
  if (!pattern.startsWith("*.")) return host === pattern;
  return host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1;
}

function rank(pattern: string): number {
  return pattern.startsWith("*.") ? pattern.length : Number.POSITIVE_INFINITY;
}
