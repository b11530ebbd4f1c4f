import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { keepSecret } from "../../redaction.ts";
import { basicAuthorization, type GitAccess } from "./credentials.ts";
import { withSettings } from "./environment.ts";
import type { RepositoryAddress } from "./repository-address.ts";
import { type Signing, writePrivately } from "./signing.ts";

export interface AccessOptions {
  readonly access: GitAccess;
  readonly signing: Signing | undefined;
  /** A folder that nobody else reads. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/**
 * What git runs with for one repository: its credentials as they are now. They go by variables and by files for this
 * user alone, never by arguments, and only to the server that they are for.
 */
export async function repositoryEnvironment(
  address: RepositoryAddress,
  { access, signing, folder, signal }: AccessOptions,
): Promise<Record<string, string>> {
  const credentials = await access(address, signal);
  const authorization = basicAuthorization(address, credentials);
  if (authorization !== undefined) keepSecret(authorization.slice("Basic ".length));
  for (const secret of [credentials?.password, address.password])
    if (secret !== undefined) keepSecret(secret);
  const origin = `${address.scheme}://${address.host}/`;
  return {
    ...(signing?.env ?? {}),
    ...withSettings({
      ...(signing?.settings ?? {}),
      "remote.origin.url": address.address,
      "remote.origin.promisor": "true",
      ...(authorization !== undefined && {
        [`http.${origin}.extraHeader`]: `Authorization: ${authorization}`,
      }),
    }),
    ...(address.scheme === "ssh" && { GIT_SSH_COMMAND: await sshCommand(folder, credentials) }),
  };
}

async function sshCommand(
  folder: string,
  credentials: { readonly sshKey?: string; readonly knownHosts?: string } | undefined,
): Promise<string> {
  const home = join(folder, "ssh");
  await mkdir(home, { recursive: true, mode: 0o700 });
  // ssh refuses keys that others can read, as those of a mounted Secret.
  const key = credentials?.sshKey && (await writePrivately(join(home, "key"), credentials.sshKey));
  const hosts = join(home, "known_hosts");
  if (credentials?.knownHosts !== undefined) await writePrivately(hosts, credentials.knownHosts);
  const options = [
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    "ForwardAgent=no",
    "ConnectTimeout=15",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=4",
    ...(key ? ["IdentitiesOnly=yes", "IdentityAgent=none", `IdentityFile=${quoted(key)}`] : []),
    ...(credentials?.knownHosts === undefined ? [] : [`UserKnownHostsFile=${quoted(hosts)}`]),
  ];
  // Git hands this to a shell, so that only words of ours and paths that we made stand in it.
  return ["ssh", "-F", "/dev/null", ...options.flatMap((option) => ["-o", shellWord(option)])].join(" ");
}

function quoted(path: string): string {
  return `"${path}"`;
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
