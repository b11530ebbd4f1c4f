import type { PromoterConfiguration } from "../config/schema.ts";
import { type ReferenceSources, referenceBeside, resolveReferences } from "../config/secret-reference.ts";
import type { Settings } from "../config/settings.ts";
import type { WrittenUpdateGit } from "../config/update-git-schema.ts";
import { matchesWildcard } from "../oci/wildcard.ts";
import type { GitRepositories } from "../update/application.ts";
import type { GitAccess, GitCredentials } from "../update/git/credentials.ts";
import { openGitRepositories, type PullRequests } from "../update/git/git-repositories.ts";
import { openPullRequests } from "../update/git/pull-requests/pull-requests.ts";
import type { SigningKey } from "../update/git/signing.ts";
import { version } from "../version.ts";
import type { CommandContext } from "./command.ts";
import { settingsLogger } from "./settings-logger.ts";

type WrittenCredentials = NonNullable<WrittenUpdateGit["credentials"]>[number];

/** Secrets are named from the configuration's folder, and read where they are needed. */
type ReadSecret = (reference: string) => Promise<string>;

const ownName = { name: "image-promoter", email: "image-promoter@users.noreply.invalid" };

/**
 * Opens git as the configuration says.
 *
 * @throws {PromoterError} `InvalidConfiguration` when the key for signatures cannot be read.
 */
export async function openUpdateGit(
  configuration: PromoterConfiguration | undefined,
  settings: Settings,
  { runtime }: CommandContext,
): Promise<GitRepositories> {
  const {
    author = ownName,
    message,
    signOff = false,
    signing,
    credentials = [],
    pullRequests,
  } = configuration?.update?.git ?? {};
  const readSecret = secretReader(configuration?.source ?? "", runtime);
  const access = gitAccess(credentials, readSecret);
  const signingKey = signing && (await signingKeyOf(signing, readSecret));
  return openGitRepositories({
    env: runtime.env,
    clock: runtime.clock,
    log: settingsLogger(settings, runtime),
    temporaryFolder: runtime.env.TMPDIR || "/tmp",
    access,
    commits: { author, signOff, ...(message !== undefined && { message }) },
    ...(signingKey && { signingKey }),
    ...(pullRequests && { pullRequests: pullRequestsOf(pullRequests, { access, runtime }) }),
  });
}

function pullRequestsOf(
  { forge, api, labels }: NonNullable<WrittenUpdateGit["pullRequests"]>,
  { access, runtime: { env } }: { readonly access: GitAccess } & Pick<CommandContext, "runtime">,
): PullRequests {
  return openPullRequests({
    access,
    env,
    userAgent: `argocd-image-promoter/${version}`,
    ...(forge !== undefined && { forge }),
    ...(api !== undefined && { api }),
    ...(labels !== undefined && { labels }),
  });
}

function secretReader(file: string, sources: ReferenceSources): ReadSecret {
  return (reference) => resolveReferences(referenceBeside(file, reference), sources);
}

async function signingKeyOf(
  { format, key }: NonNullable<WrittenUpdateGit["signing"]>,
  readSecret: ReadSecret,
): Promise<SigningKey> {
  return { format, key: await readSecret(key) };
}

function gitAccess(credentials: readonly WrittenCredentials[], readSecret: ReadSecret): GitAccess {
  return async ({ address }) => {
    const written = credentials.find(({ repository }) => isFor(repository, address));
    return written && credentialsOf(written, readSecret);
  };
}

/** A `*` in a host's name stands for no slash: `https://*.example.com/*` is not for a path of another host. */
export function isFor(pattern: string, address: string): boolean {
  const [scheme, host, path] = partsOf(pattern);
  const [ownScheme, ownHost, ownPath] = partsOf(address);
  if (host === undefined || ownHost === undefined) return matchesWildcard(pattern, address);
  return (
    matchesWildcard(scheme, ownScheme) && matchesWildcard(host, ownHost) && matchesWildcard(path, ownPath)
  );
}

/** A pattern whose host may be followed by nothing else is for all that the host has. */
function partsOf(text: string): readonly [scheme: string, host: string | undefined, path: string] {
  const [, scheme = "", host, path] = /^([^:/]+:\/\/)([^/]*)(\/.*)?$/.exec(text) ?? [];
  return [scheme, host, path ?? (host?.endsWith("*") ? "*" : "")];
}

async function credentialsOf(written: WrittenCredentials, readSecret: ReadSecret): Promise<GitCredentials> {
  const { username, password, sshKey, knownHosts } = written;
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password: await readSecret(password) }),
    ...(sshKey !== undefined && { sshKey: await readSecret(sshKey) }),
    ...(knownHosts !== undefined && { knownHosts: await readSecret(knownHosts) }),
  };
}
