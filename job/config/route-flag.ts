import { PromoterError } from "../error.ts";
import { isHost, isRepositoryName } from "../oci/reference.ts";
import type { RegistryPrefix } from "../promotion/route.ts";

/**
 * Reads `HOST[/PREFIX]`.
 *
 * @throws {PromoterError} `InvalidConfiguration`, saying which part is wrong.
 */
export function parseRegistryPrefix(text: string): RegistryPrefix {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0];
  if (scheme !== undefined) {
    throw invalid(
      text,
      `it begins with ${scheme}`,
      `Leave ${scheme} out: a registry is written as in an image`,
    );
  }
  const trimmed = text.replace(/\/$/, "");
  const slash = trimmed.indexOf("/");
  const host = slash < 0 ? trimmed : trimmed.slice(0, slash);
  const prefix = slash < 0 ? "" : trimmed.slice(slash + 1);
  checkHost(text, host);
  if (slash >= 0 && !isRepositoryName(prefix)) {
    const last = prefix.slice(prefix.lastIndexOf("/") + 1);
    const hint = /[:@]/.test(last)
      ? "Leave the tag or digest out: a route is for all images of a registry"
      : "A prefix has components of lower-case letters and digits, separated inside by . _ __ or -, and joined by /";
    throw invalid(text, `${JSON.stringify(prefix)} is no repository prefix`, hint);
  }
  return { host, prefix };
}

/**
 * Reads `HOST[/PREFIX][,HOST[/PREFIX]…]`; spaces around the commas do not count.
 *
 * @throws {PromoterError} `InvalidConfiguration`, saying which part is wrong.
 */
export function parseRegistryPrefixes(text: string): RegistryPrefix[] {
  return text.split(",").map((part) => parseRegistryPrefix(part.trim()));
}

/** The text that `parseRegistryPrefix` reads. */
export function formatRegistryPrefix({ host, prefix }: RegistryPrefix): string {
  return prefix === "" ? host : `${host}/${prefix}`;
}

function checkHost(text: string, host: string): void {
  const hint =
    "Write a host as in an image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com or localhost:5000/team";
  if (!isHost(host)) throw invalid(text, `${JSON.stringify(host)} is no host`, hint);
  // An image's first component without any of these belongs to a Docker Hub repository, so it would never match.
  const named = host === "localhost" || /[.:[]/.test(host) || host !== host.toLowerCase();
  if (!named) throw invalid(text, `${JSON.stringify(host)} has neither a dot nor a port`, hint);
}

function invalid(text: string, what: string, hint: string): PromoterError {
  return new PromoterError(
    "InvalidConfiguration",
    `Cannot read the registry ${JSON.stringify(text.slice(0, 300))}: ${what}`,
    { hint },
  );
}
