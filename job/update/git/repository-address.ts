import { PromoterError } from "../../error.ts";

/** A git repository that others serve. */
export interface RepositoryAddress {
  /** As git is given it, without user name and password where they are secrets. */
  readonly address: string;
  readonly scheme: "https" | "http" | "ssh" | "file";
  /** With a port where it has one; empty for a folder of this machine. */
  readonly host: string;
  /** Without slashes at its ends and without `.git`: `team/deploy`. */
  readonly path: string;
  /** What stood in the address itself. */
  readonly username?: string;
  readonly password?: string;
}

const schemes = ["https", "http", "ssh", "file"] as const;
// `git@host:team/deploy.git`, as scp writes it. Nothing in it can be taken for an option or another program.
const scpLike = /^(?:([\w.-]+)@)?([\w.-]+):(?!\/\/|:)([\w./~+-]+)$/;

/**
 * Reads a repository's address. Only what is served by HTTP or SSH, or lies in a folder named by `file://`: git knows
 * addresses besides that run programs.
 *
 * @throws {PromoterError} `InvalidConfiguration` for every other.
 */
export function parseRepositoryAddress(text: string): RepositoryAddress {
  const url = URL.parse(text);
  const scheme = schemes.find((known) => url?.protocol === `${known}:`);
  if (url !== null && scheme !== undefined && text.startsWith(`${scheme}://`)) return fromUrl(url, scheme);
  const [, user, host = "", path = ""] = scpLike.exec(text) ?? [];
  const isScheme = schemes.some((known) => known === host);
  if (host === "" || isScheme || [text, host, path].some((part) => part.startsWith("-")) || leadsUp(path))
    throw invalid(text);
  return {
    address: text,
    scheme: "ssh",
    host,
    path: bare(path),
    ...(user !== undefined && { username: user }),
  };
}

function fromUrl(url: URL, scheme: RepositoryAddress["scheme"]): RepositoryAddress {
  const { host, hostname, pathname, search, hash } = url;
  const options = [hostname, pathname.slice(1), url.username].some((part) => /^(?:-|%2d)/i.test(part));
  const unusable = options || search !== "" || hash !== "" || leadsUp(pathname);
  if (unusable || (scheme !== "file" && host === "")) throw invalid(`${scheme}://${host}${pathname}`);
  const username = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  // Over SSH the user is a part of the address; over HTTP user and password are credentials.
  const user = scheme === "ssh" && username !== "" ? `${encodeURIComponent(username)}@` : "";
  return {
    address: `${scheme}://${user}${host}${pathname}`,
    scheme,
    host,
    path: bare(pathname),
    ...(username !== "" && { username }),
    ...(password !== "" && { password }),
  };
}

/** Whether a path leads elsewhere than it says: credentials may be for what it says alone. */
function leadsUp(path: string): boolean {
  try {
    return decodeURIComponent(path).split(/[/\\]/).includes("..");
  } catch {
    return true;
  }
}

function bare(path: string): string {
  return path
    .split("/")
    .filter((part) => part !== "")
    .join("/")
    .replace(/\.git$/, "");
}

function invalid(text: string): PromoterError {
  // What has a password in it is not repeated.
  const shown = text.replace(/\/\/[^/@]*@/, "//").slice(0, 200);
  return new PromoterError(
    "InvalidConfiguration",
    `${JSON.stringify(shown)} is no address of a git repository`,
    { hint: "Write https://HOST/PATH.git, ssh://git@HOST/PATH.git or git@HOST:PATH.git" },
  );
}
