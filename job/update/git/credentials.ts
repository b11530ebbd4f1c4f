import type { RepositoryAddress } from "./repository-address.ts";

/** Who one is for a git server; what it holds is secret. */
export interface GitCredentials {
  /** Over HTTP: a name and a password or token. Some servers want a certain name beside a token, others any. */
  readonly username?: string;
  readonly password?: string;
  /** Over SSH: a private key in a form that OpenSSH reads, without a passphrase. */
  readonly sshKey?: string;
  /** Over SSH: lines of a `known_hosts` file. */
  readonly knownHosts?: string;
}

/** Looks credentials up, each time anew: tokens are short-lived, and files under a mount change. */
export type GitAccess = (
  address: RepositoryAddress,
  signal: AbortSignal,
) => Promise<GitCredentials | undefined>;

/** The name that GitHub, GitLab and Gitea take beside a token. */
const anyName = "x-access-token";

/** The value of an Authorization header for HTTP; `undefined` without a password. */
export function basicAuthorization(
  address: RepositoryAddress,
  credentials: GitCredentials | undefined,
): string | undefined {
  const password = credentials?.password ?? address.password;
  if (password === undefined || (address.scheme !== "https" && address.scheme !== "http")) return undefined;
  const username = credentials?.username ?? address.username ?? anyName;
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
