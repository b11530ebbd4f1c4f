import { isObject } from "../oci/descriptor.ts";
import type { Runtime } from "../runtime.ts";

/** Who promotes, as far as the process itself knows. A statement's signature proves it, not these words. */
export interface PromoterIdentity {
  /** What the configuration says. */
  readonly name?: string;
  /** The role by which the destination is written. */
  readonly roleArn?: string;
  /** `<namespace>/<name>`. */
  readonly serviceAccount?: string;
}

const tokenFile = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/**
 * Finds out who promotes: the configured text, the role, and, in a pod, its ServiceAccount, which is read out of the
 * token that Kubernetes or IAM roles for service accounts mounted. Not the pod: the one that repeats an interrupted run
 * has to say the same. Never rejects.
 */
export async function promoterIdentity(
  { env, readFile }: Pick<Runtime, "env" | "readFile">,
  known: { readonly name?: string; readonly roleArn?: string } = {},
): Promise<PromoterIdentity> {
  const name = known.name;
  const roleArn = known.roleArn ?? (env.AWS_ROLE_ARN || undefined);
  const serviceAccount = await findServiceAccount(env, readFile);
  return {
    ...(name !== undefined && { name }),
    ...(roleArn !== undefined && { roleArn }),
    ...(serviceAccount !== undefined && { serviceAccount }),
  };
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
