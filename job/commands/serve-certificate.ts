import { PromoterError } from "../error.ts";
import type { ServerCertificate } from "../http-server/secure-listener.ts";
import type { Runtime } from "../runtime.ts";
import { certificatesOfFiles, certificatesOfSecret } from "../webhook/certificates/served-certificates.ts";
import type { Cluster } from "./serve-cluster.ts";
import type { Serving } from "./serving.ts";

/**
 * The certificates to show, one after the other: the first as soon as there is one, another whenever there is a new one,
 * until the command is stopped.
 *
 * The iteration @throws {PromoterError} `InvalidConfiguration` when files cannot be read.
 *
 * @throws {PromoterError} `Usage` when nobody says where they are.
 */
export function serverCertificates(
  { own, command, run }: Serving,
  cluster: Cluster | undefined,
): AsyncGenerator<ServerCertificate> {
  const { tlsCertFile: certificateFile, tlsKeyFile: keyFile } = own;
  const { tlsSecret: name } = own.cluster;
  const { clock, readFile } = command.runtime;
  const circumstances = { clock, log: run.log, signal: command.signal };
  if (name !== undefined && cluster !== undefined) {
    const { api, pod } = cluster;
    return certificatesOfSecret({ ...circumstances, api, namespace: pod.namespace, name });
  }
  if (certificateFile !== undefined && keyFile !== undefined) {
    return certificatesOfFiles({ ...circumstances, certificateFile, keyFile, readFile });
  }
  throw new PromoterError(
    "Usage",
    "The API server speaks to webhooks by HTTPS only, and there is no certificate",
    {
      hint: "Name one with --tls-cert-file and --tls-key-file, or a Secret to make one in with --tls-secret",
    },
  );
}

/** @throws {PromoterError} `InvalidConfiguration` when it cannot be read. */
export async function readPem(path: string, readFile: Runtime["readFile"]): Promise<string> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PromoterError("InvalidConfiguration", `Cannot read ${path}: ${reason}`, {
      cause,
      hint: "Check the path, and that the Secret is mounted there",
    });
  }
}
