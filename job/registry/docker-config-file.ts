import { PromoterError } from "../error.ts";
import type { Credentials } from "./credentials.ts";

/** What a `config.json` of Docker's, or an `auth.json` of Podman's, says about credentials. */
export interface DockerConfig {
  readonly path: string;
  /** By server, as it was written. Entries are judged when they are used. */
  readonly auths: ReadonlyMap<string, unknown>;
  /** Names of credential helpers, by server. */
  readonly credHelpers: ReadonlyMap<string, unknown>;
  /** The helper for all other servers. */
  readonly credsStore: string | undefined;
}

/** Docker Hub's names: its registry, its index, and what references call it. */
const dockerHub: ReadonlySet<string> = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);

/**
 * Reads a configuration file. What it says of other matters is ignored.
 *
 * @throws {PromoterError} `InvalidConfiguration`, without a word of the file's content, which is secret.
 */
export function parseDockerConfig(path: string, text: string): DockerConfig {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // Without its cause: the parser's message quotes the file.
    throw invalid(path, "it is no JSON");
  }
  if (!isObject(content)) throw invalid(path, "it is no JSON object");
  const { auths = {}, credHelpers = {}, credsStore } = content;
  if (!isObject(auths)) throw invalid(path, "its auths are no JSON object");
  if (!isObject(credHelpers)) throw invalid(path, "its credHelpers are no JSON object");
  if (credsStore !== undefined && typeof credsStore !== "string")
    throw invalid(path, "its credsStore is no text");
  return {
    path,
    auths: new Map(Object.entries(auths)),
    credHelpers: new Map(Object.entries(credHelpers)),
    credsStore: credsStore || undefined,
  };
}

/** The name by which a server is compared: its host and port in lower case, without scheme and path. */
export function canonicalHost(server: string): string {
  const host = server
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/\/.*$/s, "");
  return dockerHub.has(host) ? "docker.io" : host;
}

/** What credential helpers are asked for: the host, or for Docker Hub the address that `docker login` uses. */
export function serverUrlOf(host: string): string {
  return canonicalHost(host) === "docker.io" ? "https://index.docker.io/v1/" : host;
}

/**
 * The helper that is named for just this host.
 *
 * @throws {PromoterError} `InvalidConfiguration` when its name is no text.
 */
export function ownHelper({ path, credHelpers }: DockerConfig, host: string): string | undefined {
  const name = entryFor(credHelpers, host);
  if (name === undefined || name === "") return undefined;
  if (typeof name !== "string") throw invalid(path, `the helper for ${host} is no text`);
  return name;
}

/**
 * The credentials that stand in the file itself.
 *
 * @throws {PromoterError} `InvalidConfiguration` when there is an entry for the host that cannot be understood.
 */
export function inlineCredentials({ path, auths }: DockerConfig, host: string): Credentials | undefined {
  const entry = entryFor(auths, host) ?? {};
  if (!isObject(entry)) throw invalid(path, `the entry for ${host} is no JSON object`);
  const { identitytoken, auth, username, password } = entry;
  if (typeof identitytoken === "string" && identitytoken !== "") {
    return { kind: "identity-token", token: identitytoken };
  }
  if (typeof auth === "string" && auth !== "") return decodeAuth(path, host, auth);
  if (typeof username !== "string" || typeof password !== "string" || username === "") return undefined;
  return { kind: "basic", username, password };
}

function decodeAuth(path: string, host: string, auth: string): Credentials {
  const decoded = /^[A-Za-z0-9+/\s]+={0,2}$/.test(auth.trimEnd())
    ? Buffer.from(auth, "base64").toString("utf8")
    : "";
  const colon = decoded.indexOf(":");
  if (colon < 1) throw invalid(path, `the auth for ${host} is not name:password in Base64`);
  // Older clients padded the password with zero bytes.
  const password = decoded.slice(colon + 1).replace(/(?<!\0)\0+$/, "");
  return { kind: "basic", username: decoded.slice(0, colon), password };
}

/** The entry of exactly this host; one written with scheme or path counts where there is none without. */
function entryFor(entries: ReadonlyMap<string, unknown>, host: string): unknown {
  const wanted = canonicalHost(host);
  const key = [...entries.keys()].find((name) => canonicalHost(name) === wanted);
  return entries.get(wanted) ?? (key === undefined ? undefined : entries.get(key));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(path: string, what: string): PromoterError {
  return new PromoterError("InvalidConfiguration", `Cannot read the credentials in ${path}: ${what}`, {
    hint: `Correct ${path}, or write it anew with docker login`,
  });
}
