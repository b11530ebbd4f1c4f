import { hasCode, PromoterError } from "../../../error.ts";
import { keepSecret } from "../../../redaction.ts";
import { type Network, openNetwork } from "../../../registry/network.ts";
import type { PullRequestDraft } from "../change-branch.ts";
import type { GitAccess, GitCredentials } from "../credentials.ts";
import type { PullRequests } from "../git-repositories.ts";
import { parseRepositoryAddress, type RepositoryAddress } from "../repository-address.ts";
import { bitbucket } from "./bitbucket.ts";
import type { Forge } from "./forge.ts";
import { type ForgeApi, forgeApi } from "./forge-api.ts";
import { gitea } from "./gitea.ts";
import { github } from "./github.ts";
import { gitlab } from "./gitlab.ts";

const forges = { github, gitlab, gitea, bitbucket } as const;

/** What serves a repository and takes pull requests. */
export type ForgeName = keyof typeof forges;

export interface PullRequestOptions {
  /** Default: told by the repository's host. */
  readonly forge?: ForgeName;
  /** Address of the API. Default: the usual one of the host. */
  readonly api?: string;
  readonly labels?: readonly string[];
  /** The password is the token. */
  readonly access: GitAccess;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userAgent?: string;
}

/** Asks nobody before the first is opened. */
export function openPullRequests(options: PullRequestOptions): PullRequests {
  const { env, userAgent } = options;
  let network: Network | undefined;
  return {
    async open(address, draft, signal) {
      network ??= openNetwork({
        env,
        connectionsPerOrigin: 4,
        connectTimeoutMs: 10_000,
        ...(userAgent !== undefined && { userAgent }),
      });
      const name = options.forge ?? forgeOf(address);
      const forge = forges[name];
      const api = forgeApi({
        network,
        address: (options.api ?? forge.apiOf(originOf(address))).replace(/\/$/, ""),
        project: address.path,
        authorization: authorizationOf(name, await tokenOf(address, options.access, signal), address),
        signal,
      });
      return ensure(forge, api, draft, options.labels ?? []);
    },
    async [Symbol.asyncDispose]() {
      await network?.[Symbol.asyncDispose]();
    },
  };
}

const maxTitle = 250;
const maxBody = 30_000;

async function ensure(
  forge: Forge,
  api: ForgeApi,
  { base, head, title: fullTitle, body: fullBody }: PullRequestDraft,
  labels: readonly string[],
): Promise<string> {
  const [title, body] = [fullTitle.slice(0, maxTitle), fullBody.slice(0, maxBody)];
  const found = await forge.find(api, { base, head });
  if (found === undefined) {
    try {
      return (await forge.create(api, { base, head, title, body, labels })).url;
    } catch (error) {
      // Somebody opened it between the two.
      const now = hasCode(error, "InvalidResponse") ? await forge.find(api, { base, head }) : undefined;
      if (now === undefined) throw error;
      return now.url;
    }
  }
  if (found.title !== title || found.body.trim() !== body.trim())
    await forge.update(api, found.number, { title, body });
  return found.url;
}

function originOf({ scheme, host }: RepositoryAddress): string {
  if (scheme === "https" || scheme === "http") return `${scheme}://${host}`;
  // The port is SSH's.
  return `https://${host.replace(/:\d+$/, "")}`;
}

function forgeOf({ host, address }: RepositoryAddress): ForgeName {
  const labels = host.toLowerCase().split(/[.:]/);
  if (labels.includes("codeberg") || labels.includes("forgejo")) return "gitea";
  const known = (["github", "gitlab", "gitea", "bitbucket"] as const).find((name) => labels.includes(name));
  if (known !== undefined) return known;
  const message = `Cannot tell what takes the pull requests of ${address}`;
  throw new PromoterError("InvalidConfiguration", message, {
    hint: "Name it in promoter.yaml: update.git.pullRequests.forge: github, gitlab, gitea or bitbucket",
  });
}

/** A repository that is pushed to by SSH has its token with the credentials of its HTTPS address. */
async function tokenOf(
  address: RepositoryAddress,
  access: GitAccess,
  signal: AbortSignal,
): Promise<GitCredentials & { readonly password: string }> {
  const own = await access(address, signal);
  const password = own?.password ?? address.password;
  if (password !== undefined) return { ...own, password };
  const overHttps = parseRepositoryAddress(`${originOf(address)}/${address.path}.git`);
  const other = address.scheme === "ssh" ? await access(overHttps, signal) : undefined;
  if (other?.password !== undefined) return { ...other, password: other.password };
  const message = `There is no token to open pull requests of ${address.address} with`;
  throw new PromoterError("CredentialsUnavailable", message, {
    hint: `Add credentials with repository: ${overHttps.address} and a password to update.git of promoter.yaml`,
  });
}

function authorizationOf(
  forge: ForgeName,
  { username, password }: GitCredentials & { readonly password: string },
  address: RepositoryAddress,
): string {
  keepSecret(password);
  const name = username ?? address.username;
  // An application's password of Bitbucket goes with a name; its tokens, and those of all others, go alone.
  if (forge !== "bitbucket" || name === undefined || name === "x-token-auth") return `Bearer ${password}`;
  return `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
}
