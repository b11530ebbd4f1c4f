import { PromoterError } from "../error.ts";

/** A registry, or the part of it under a repository prefix. */
export interface RegistryPrefix {
  readonly host: string;
  /** Path components joined by `/`, without slashes at the ends; empty for the whole registry. */
  readonly prefix: string;
}

/** Which sources stand behind a destination, in the order in which they are asked. */
export interface Route {
  readonly to: RegistryPrefix;
  readonly from: readonly RegistryPrefix[];
}

/**
 * Reads `HOST[/PREFIX]`.
 *
 * @throws {PromoterError} `InvalidConfiguration`
 */
export function parseRegistryPrefix(text: string): RegistryPrefix {
  throw new PromoterError("InvalidConfiguration", text);
}

/** Reads `HOST[/PREFIX][,HOST[/PREFIX]…]`. @throws {PromoterError} `InvalidConfiguration` */
export function parseRegistryPrefixes(text: string): RegistryPrefix[] {
  return text.split(",").map(parseRegistryPrefix);
}
