import { dirname, resolve } from "node:path";
import { PromoterError } from "../error.ts";
import type { Runtime } from "../runtime.ts";
import { fieldsOf } from "./object.ts";
import type { ApiAccess } from "./pod.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * How the current context of a kubeconfig reaches its cluster: by token, file of a token, client certificate, or the
 * program that gives credentials (`aws eks get-token`).
 * {@link https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/}
 *
 * @param path the file that KUBECONFIG names; of several, the first alone is read.
 * @throws {PromoterError} `InvalidConfiguration` when it cannot be read or names no cluster; `CredentialsUnavailable`
 * when its program gives none.
 */
export async function readKubeconfig(
  path: string,
  runtime: Pick<Runtime, "readFile" | "run">,
): Promise<ApiAccess> {
  const file = path.split(":")[0] ?? path;
  const config = fieldsOf(await parsed(file, runtime));
  const context = fieldsOf(named(config.contexts, config["current-context"]).context);
  const cluster = fieldsOf(named(config.clusters, context.cluster).cluster);
  const user = fieldsOf(named(config.users, context.user).user);
  const { server } = cluster;
  if (typeof server !== "string") throw invalid(file, "its current context names no cluster");
  if (cluster["insecure-skip-tls-verify"] === true) throw invalid(file, "it skips the proof of who answers");
  const read = (fields: Fields, name: string) => inlineOrFile(fields, name, file, runtime);
  const certificateAuthority = await read(cluster, "certificate-authority");
  if (certificateAuthority === undefined) throw invalid(file, "its cluster has no certificate authority");
  const [certificate, key] = await Promise.all([read(user, "client-certificate"), read(user, "client-key")]);
  return {
    server,
    certificateAuthority,
    ...(certificate !== undefined && key !== undefined && { clientCertificate: { certificate, key } }),
    ...(await tokenOf(user, file, runtime)),
  };
}

async function tokenOf(
  { token, tokenFile, exec }: Fields,
  file: string,
  { run }: Pick<Runtime, "run">,
): Promise<Pick<ApiAccess, "token" | "tokenPath">> {
  if (typeof tokenFile === "string") return { tokenPath: resolve(dirname(file), tokenFile) };
  if (typeof token === "string") return { token };
  if (exec === undefined) return {};
  const { command, args = [], env = [] } = fieldsOf(exec);
  if (typeof command !== "string") throw invalid(file, "its user has an exec without a command");
  const variables = (Array.isArray(env) ? env : [])
    .map(fieldsOf)
    .map(({ name, value }) => `${name}=${value}`);
  const words = [...variables, command, ...(Array.isArray(args) ? args.map(String) : [])];
  const { exitCode, stdout } = await run("env", words, ".");
  const given = exitCode === 0 ? tokenIn(stdout) : undefined;
  if (given !== undefined) return { token: given };
  throw new PromoterError("CredentialsUnavailable", `${command} gave no credentials for the cluster`, {
    hint: "Run kubectl get pods with the same KUBECONFIG, and mend what it complains of",
  });
}

/** {@link https://kubernetes.io/docs/reference/config-api/client-authentication.v1/} */
function tokenIn(text: string): string | undefined {
  try {
    const { token } = fieldsOf(fieldsOf(JSON.parse(text)).status);
    return typeof token === "string" ? token : undefined;
  } catch {
    return undefined;
  }
}

async function parsed(file: string, { readFile }: Pick<Runtime, "readFile">): Promise<unknown> {
  const { parse } = await import("yaml");
  try {
    return parse(await readFile(file));
  } catch {
    // What the parser says would show the line, and there may be a key on it.
    throw invalid(file, "it cannot be read");
  }
}

async function inlineOrFile(
  fields: Fields,
  name: string,
  file: string,
  { readFile }: Pick<Runtime, "readFile">,
): Promise<string | undefined> {
  const inline = fields[`${name}-data`];
  if (typeof inline === "string") return Buffer.from(inline, "base64").toString();
  const path = fields[name];
  if (typeof path !== "string") return undefined;
  try {
    return await readFile(resolve(dirname(file), path));
  } catch {
    throw invalid(file, `its ${name} cannot be read`);
  }
}

function named(list: unknown, name: unknown): Fields {
  const members = Array.isArray(list) ? list.map(fieldsOf) : [];
  return members.find((member) => member.name === name && name !== undefined) ?? {};
}

function invalid(file: string, what: string): PromoterError {
  return new PromoterError("InvalidConfiguration", `Cannot use the kubeconfig ${file}: ${what}`, {
    hint: "Point KUBECONFIG at one file whose current context is the destination's cluster",
  });
}
