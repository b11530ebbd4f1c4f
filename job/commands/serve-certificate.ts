import { PromoterError } from "../error.ts";
import type { ServerCertificate } from "../http-server/secure-listener.ts";
import type { Runtime } from "../runtime.ts";
import type { ServeSettings } from "./serve-settings.ts";

/**
 * The certificates to show, one after the other: the first at once, another whenever there is a new one, until the
 * signal is aborted.
 *
 * The iteration @throws {PromoterError} `Usage` when nobody says where they are; `InvalidConfiguration` when they cannot
 * be read.
 */
export async function* serverCertificates(
  { tlsCertFile, tlsKeyFile }: ServeSettings,
  { readFile }: Pick<Runtime, "readFile">,
): AsyncGenerator<ServerCertificate> {
  if (tlsCertFile === undefined || tlsKeyFile === undefined) {
    throw new PromoterError(
      "Usage",
      "The API server speaks to webhooks by HTTPS only, and there is no certificate",
      {
        hint: "Name one with --tls-cert-file and --tls-key-file",
      },
    );
  }
  yield {
    certificate: await readPem(tlsCertFile, readFile),
    key: await readPem(tlsKeyFile, readFile),
  };
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
