import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { devAccount, prodAccount, region } from "../scenarios/two-accounts.ts";
import { toolOutput } from "./run-tool.ts";
import type { World } from "./world.ts";

/** crane and skopeo with a configuration, credentials and a folder of their own. */
export interface OciClients extends AsyncDisposable {
  /** Where files may be put; it goes with the clients. */
  readonly folder: string;
  /** Runs crane, which must succeed. */
  crane(...args: readonly string[]): Promise<string>;
  /** Runs `skopeo inspect`, which must succeed. */
  skopeoInspect(...args: readonly string[]): Promise<string>;
  /** Runs `skopeo copy` of everything, with digests kept, which must succeed. */
  skopeoCopy(from: string, to: string): Promise<string>;
}

/** Opens the clients, logged in to both of the world's registries where these want a login. */
export async function openClients(world: World): Promise<OciClients> {
  const folder = await mkdtemp(join(tmpdir(), "oci-clients-"));
  const authfile = join(folder, "config.json");
  const env = { DOCKER_CONFIG: folder, REGISTRY_AUTH_FILE: authfile, HOME: folder, XDG_RUNTIME_DIR: folder };
  await writeFile(authfile, "{}");
  await logIn(world, env);
  // The policy of signatures is the machine's affair, and `--insecure-policy` leaves it out.
  const skopeo = (...args: readonly string[]) =>
    toolOutput("skopeo", ["--insecure-policy", "--tmpdir", folder, ...args], { env });
  return {
    folder,
    crane: (...args) => toolOutput("crane", args, { env }),
    skopeoInspect: (...args) => skopeo("inspect", "--tls-verify=false", ...args),
    skopeoCopy: (from, to) =>
      skopeo(
        "copy",
        "--all",
        "--preserve-digests",
        "--src-tls-verify=false",
        "--dest-tls-verify=false",
        from,
        to,
      ),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Logs in as people do: with the password of `aws ecr get-login-password`, by crane and skopeo themselves. */
async function logIn({ emulator, kind, source, destination }: World, env: Record<string, string>) {
  if (kind !== "ecr" || emulator === undefined) return;
  for (const [account, side] of [
    [devAccount, source],
    [prodAccount, destination],
  ] as const) {
    const { accessKeyId, secretAccessKey } = emulator.account(account).admin();
    const input = await toolOutput("aws", ["ecr", "get-login-password", "--region", region], {
      env: {
        AWS_ENDPOINT_URL: emulator.url,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      },
    });
    const address = new URL(side.open("login").registry).host;
    const options = { env, input: input.trim() };
    const user = ["--username", "AWS", "--password-stdin", address];
    if (side === source) await toolOutput("crane", ["auth", "login", ...user], options);
    else await toolOutput("skopeo", ["login", "--tls-verify=false", ...user], options);
  }
}
