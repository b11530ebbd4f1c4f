import { isIPv6 } from "node:net";
import type { Environment, ReadFile } from "./surroundings.ts";

const serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/** How to reach the API server from within a pod. */
export interface ApiAccess {
  /** `https://10.96.0.1:443`. */
  readonly server: string;
  /** The certificates that the server's must go back to, as PEM. */
  readonly certificateAuthority: string;
  /** Where the service account's token is; Kubernetes renews the file, so it is read for each request. */
  readonly tokenPath?: string;
  /** A token that is known already, instead. */
  readonly token?: string;
  /** What the client shows of itself, as PEM, instead of a token or beside it. */
  readonly clientCertificate?: { readonly certificate: string; readonly key: string };
}

/** The pod that this process runs in. */
export interface Pod {
  readonly name: string;
  readonly uid?: string;
  readonly namespace: string;
  /** Not there when no service account token is mounted. */
  readonly api?: ApiAccess;
}

/**
 * The pod that this process runs in, or undefined outside Kubernetes. Its name comes from `POD_NAME`, else from the
 * host's, which only pods with a network of their own have for themselves.
 * {@link https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/}
 */
export async function detectPod(env: Environment, readFile: ReadFile): Promise<Pod | undefined> {
  const host = env.KUBERNETES_SERVICE_HOST;
  if (!host) return undefined;
  const read = (file: string) => readIfThere(readFile, `${serviceAccountFolder}/${file}`);
  const [token, certificateAuthority, ownNamespace] = await Promise.all([
    read("token"),
    read("ca.crt"),
    read("namespace"),
  ]);
  const port = env.KUBERNETES_SERVICE_PORT_HTTPS || env.KUBERNETES_SERVICE_PORT || "443";
  return {
    name: env.POD_NAME || env.HOSTNAME || "unknown",
    ...(env.POD_UID && { uid: env.POD_UID }),
    namespace: env.POD_NAMESPACE || ownNamespace || "default",
    ...(token !== undefined &&
      certificateAuthority !== undefined && {
        api: {
          server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
          certificateAuthority,
          tokenPath: `${serviceAccountFolder}/token`,
        },
      }),
  };
}

/** A file without its surrounding white space; undefined when there is none, or nothing in it. */
async function readIfThere(readFile: ReadFile, path: string): Promise<string | undefined> {
  try {
    return (await readFile(path)).trim() || undefined;
  } catch {
    return undefined;
  }
}
