import { PromoterError } from "../error.ts";
import { type Digest, isDigest } from "./digest.ts";

/**
 * Where an image is: `host/repository`, with a tag, a digest, or both.
 * {@link https://github.com/distribution/reference/blob/v0.6.0/reference.go}
 */
export interface Reference {
  /** Host, with a port where it has one: `111122223333.dkr.ecr.eu-west-1.amazonaws.com`, `[::1]:5000`. */
  readonly host: string;
  /** Path components joined by `/`: `team/app`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

/** What a registry is asked for: a tag or a digest. */
export type Target = string;

const maxNameLength = 255;
const defaultHost = "docker.io";
/** What Docker Hub was called before, and is written still. */
const formerDefaultHost = "index.docker.io";

// The grammar's pieces, named as there. Each is linear: no two neighbours can match the same character.
const domainComponent = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const domainName = `${domainComponent}(?:\\.${domainComponent})*`;
const ipv6 = "\\[(?:[a-fA-F0-9:]+)\\]";
const domainAndPort = new RegExp(`^(?:${domainName}|${ipv6})(?::[0-9]{1,5})?$`);
const pathComponent = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const remoteName = new RegExp(`^${pathComponent}(?:/${pathComponent})*$`);
const tagPattern = /^[\w][\w.-]{0,127}$/;

/**
 * Reads an image name as container runtimes do: a first component without `.`, `:` and other than `localhost` is part
 * of a Docker Hub repository, and a name with neither tag nor digest means the tag `latest`.
 *
 * @throws {PromoterError} `InvalidReference`, saying which part is wrong.
 */
export function parseReference(text: string): Reference {
  if (/^[a-z]+:\/\//i.test(text)) {
    throw invalid(
      text,
      "it begins with a scheme",
      "Name the image as in a pod: registry.example.com/team/app:1.0",
    );
  }
  const [name, digest] = splitDigest(text);
  const lastColon = name.lastIndexOf(":");
  const hasTag = lastColon > name.lastIndexOf("/") && !name.endsWith("]");
  // A port needs a repository behind it, so the last colon of a valid name without a slash begins a tag.
  const path = hasTag ? name.slice(0, lastColon) : name;
  const tag = hasTag ? name.slice(lastColon + 1) : digest === undefined ? "latest" : undefined;
  if (tag !== undefined && !isTag(tag))
    throw invalid(text, `the tag ${JSON.stringify(tag.slice(0, 140))} is not valid`, tagHint);
  const { host, repository } = splitHost(text, path);
  return { host, repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

/** The canonical text: `parseReference(formatReference(r))` equals `r`. */
export function formatReference(reference: Reference): string {
  const { host, repository, tag, digest } = reference;
  return `${host}/${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** What identifies the image in its repository: the digest where there is one, else the tag. */
export function targetOf(reference: Reference): Target {
  return reference.digest ?? reference.tag ?? "latest";
}

export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

/** True for a repository name of the distribution grammar: `team/app`. */
export function isRepositoryName(text: string): boolean {
  return text.length <= maxNameLength && remoteName.test(text);
}

/** True for a registry's host, with or without a port. */
export function isHost(text: string): boolean {
  return domainAndPort.test(text);
}

const tagHint = "A tag has up to 128 of letters, digits, _ . and -, and does not begin with . or -";

function splitDigest(text: string): [name: string, digest: Digest | undefined] {
  const at = text.indexOf("@");
  if (at < 0) return [text, undefined];
  const digest = text.slice(at + 1);
  if (!isDigest(digest)) {
    throw invalid(
      text,
      `${JSON.stringify(digest.slice(0, 140))} is no digest`,
      "A digest is sha256: with 64, or sha512: with 128 lower-case hexadecimal digits",
    );
  }
  return [text.slice(0, at), digest];
}

function splitHost(text: string, path: string): { host: string; repository: string } {
  const slash = path.indexOf("/");
  const first = slash < 0 ? "" : path.slice(0, slash);
  const named = first === "localhost" || /[.:[]/.test(first) || first !== first.toLowerCase();
  const host = named && first !== formerDefaultHost ? first : defaultHost;
  const rest = named ? path.slice(slash + 1) : path;
  const repository = host === defaultHost && !rest.includes("/") ? `library/${rest}` : rest;
  if (!isHost(host))
    throw invalid(
      text,
      `${JSON.stringify(host)} is no host`,
      "A host is a name or an address, with or without a port",
    );
  if (host.length + 1 + repository.length > maxNameLength) {
    throw invalid(
      text,
      `the name has more than ${maxNameLength} characters`,
      "Shorten the repository's name",
    );
  }
  if (!remoteName.test(repository)) {
    throw invalid(
      text,
      `${JSON.stringify(rest)} is no repository name`,
      "A repository name has components of lower-case letters and digits, separated inside by . _ __ or -, and joined by /",
    );
  }
  return { host, repository };
}

function invalid(text: string, what: string, hint: string): PromoterError {
  return new PromoterError(
    "InvalidReference",
    `Cannot read the image ${JSON.stringify(text.slice(0, 300))}: ${what}`,
    { hint },
  );
}
