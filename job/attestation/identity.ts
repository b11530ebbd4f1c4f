import { isObject } from "../oci/descriptor.ts";
import type { Runtime } from "../runtime.ts";
import type { Application } from "./statement.ts";

/** Who promotes, as far as the process itself knows. A statement's signature proves it, not these words. */
export interface PromoterIdentity {
  /** What the configuration says. */
  readonly name?: string;
  /** The role by which the destination is written. */
  readonly roleArn?: string;
  /** `<namespace>/<name>`. */
  readonly serviceAccount?: string;
  readonly pod?: string;
}

const tokenFile = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/**
 * Finds out who promotes: the configured text, the role, and, in a pod, its name and ServiceAccount, which is read out
 * of the token that Kubernetes or IAM roles for service accounts mounted. Never rejects.
 */
export async function promoterIdentity(
  { env, readFile }: Pick<Runtime, "env" | "readFile">,
  known: { readonly name?: string; readonly roleArn?: string } = {},
): Promise<PromoterIdentity> {
  const name = known.name;
  const roleArn = known.roleArn ?? (env.AWS_ROLE_ARN || undefined);
  const pod = env.KUBERNETES_SERVICE_HOST ? env.POD_NAME || env.HOSTNAME || undefined : undefined;
  const serviceAccount = await findServiceAccount(env, readFile);
  return {
    ...(name !== undefined && { name }),
    ...(roleArn !== undefined && { roleArn }),
    ...(serviceAccount !== undefined && { serviceAccount }),
    ...(pod !== undefined && { pod }),
  };
}

/**
 * The application that is being synced, by the variables that Argo CD gives to whatever builds manifests; the Job gets
 * them from there.
 * {@link https://argo-cd.readthedocs.io/en/stable/user-guide/build-environment/}
 */
export function syncedApplication(env: Runtime["env"]): Application | undefined {
  const name = env.ARGOCD_APP_NAME;
  if (!name) return undefined;
  const { ARGOCD_APP_NAMESPACE: namespace, ARGOCD_APP_PROJECT_NAME: project } = env;
  const { ARGOCD_APP_REVISION: revision, ARGOCD_APP_SOURCE_REPO_URL: repository } = env;
  return {
    name,
    ...(namespace && { namespace }),
    ...(project && { project }),
    ...(revision && { revision }),
    ...(repository && { repository: withoutCredentials(repository) }),
  };
}

/** Whoever keeps a token in a repository's address does not want it in a registry. */
function withoutCredentials(address: string): string {
  const url = URL.parse(address);
  if (url === null || (url.username === "" && url.password === "")) return address;
  url.username = "";
  url.password = "";
  return url.href;
}

async function findServiceAccount(
  env: Runtime["env"],
  readFile: Runtime["readFile"],
): Promise<string | undefined> {
  const files = [env.KUBERNETES_SERVICE_HOST && tokenFile, env.AWS_WEB_IDENTITY_TOKEN_FILE];
  for (const file of files) {
    const token = file ? await readFile(file).catch(() => "") : "";
    const found = subjectOf(token);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** {@link https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/} */
function subjectOf(token: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    const subject = isObject(claims) && typeof claims.sub === "string" ? claims.sub : "";
    const found = /^system:serviceaccount:([a-z0-9-]{1,63}):([a-z0-9.-]{1,253})$/.exec(subject);
    return found === null ? undefined : `${found[1]}/${found[2]}`;
  } catch {
    return undefined;
  }
}
