import type { Clock } from "../../async/clock.ts";
import { rest } from "../../async/rest.ts";
import { asPromoterError, PromoterError } from "../../error.ts";
import { checkPair, type ServerCertificate } from "../../http-server/secure-listener.ts";
import type { KubernetesApi } from "../../kubernetes/api.ts";
import { watchObjects } from "../../kubernetes/watch-objects.ts";
import type { Log } from "../../log.ts";
import { flawOf } from "./check-certificate.ts";
import { readTlsSecret } from "./tls-secret.ts";

interface Circumstances {
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the watching. */
  readonly signal: AbortSignal;
}

export interface SecretOptions extends Circumstances {
  readonly api: KubernetesApi;
  readonly namespace: string;
  /** Of the Secret. */
  readonly name: string;
}

/**
 * The certificates that a Secret holds, one after the other, from when it has one until the signal is aborted. What is
 * no pair is never given: what was served before is still better.
 */
export async function* certificatesOfSecret(options: SecretOptions): AsyncGenerator<ServerCertificate> {
  const { api, namespace, name, clock, log } = options;
  let served: ServerCertificate | undefined;
  const path = `/api/v1/namespaces/${namespace}/secrets`;
  for await (const change of watchObjects(api, {
    ...options,
    path,
    fieldSelector: `metadata.name=${name}`,
  })) {
    if (change.type === "listed" && served === undefined)
      log.info({ object: `Secret ${name}` }, "Waiting for a certificate");
    if (change.type !== "put" || change.object.metadata.name !== name) continue;
    const given = readTlsSecret(change.object).current;
    if (given === undefined || isSame(given, served)) continue;
    const flaw = flawOf(given, { names: [], now: clock.now() });
    if (flaw !== undefined) log.warn({ object: `Secret ${name}` }, `The certificate of the Secret: ${flaw}`);
    if (!isPair(given)) continue;
    served = given;
    yield given;
  }
}

export interface FileOptions extends Circumstances {
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly readFile: (path: string) => Promise<string>;
  /** Milliseconds between looks. Default 10,000. */
  readonly everyMs?: number;
}

/** Milliseconds until another look at files that were read while they changed. */
const soonMs = 500;

/**
 * The certificates that two files hold, one after the other, as Kubernetes changes them under a mount. What is no pair
 * is never given, for one file may be read before and the other after a change.
 *
 * @throws {PromoterError} `InvalidConfiguration` when there is none to begin with.
 */
export async function* certificatesOfFiles(options: FileOptions): AsyncGenerator<ServerCertificate> {
  const { certificateFile, everyMs = 10_000, signal, clock, log } = options;
  let served: ServerCertificate | undefined;
  let refused: ServerCertificate | undefined;
  while (!signal.aborted) {
    const given = await readFiles(options, served);
    let waitMs = everyMs;
    if (given !== undefined && !isSame(given, served)) {
      const flaw = flawOf(given, { names: [], now: clock.now() });
      if (isPair(given)) {
        if (flaw !== undefined) log.warn({ file: certificateFile }, `The certificate: ${flaw}`);
        served = given;
        yield given;
      } else if (!isSame(given, refused)) {
        refused = given;
        waitMs = Math.min(soonMs, everyMs);
      } else {
        // Still so: it was not read in the middle of a change.
        log.warn({ file: certificateFile }, `The certificate is not served: ${flaw}`);
      }
    }
    await rest(waitMs, clock, signal);
  }
}

async function readFiles(
  { certificateFile, keyFile, readFile, log }: FileOptions,
  served: ServerCertificate | undefined,
): Promise<ServerCertificate | undefined> {
  try {
    const [certificate, key] = await Promise.all([readFile(certificateFile), readFile(keyFile)]);
    return { certificate, key };
  } catch (cause) {
    const message = `Cannot read the certificate: ${asPromoterError(cause).message}`;
    if (served === undefined) {
      throw new PromoterError("InvalidConfiguration", message, {
        cause,
        hint: "Name the files of the certificate and of its key, and see that they are mounted",
      });
    }
    log.warn({ file: certificateFile }, message);
    return undefined;
  }
}

function isPair(given: ServerCertificate): boolean {
  try {
    checkPair(given);
    return true;
  } catch {
    return false;
  }
}

function isSame(one: ServerCertificate, other: ServerCertificate | undefined): boolean {
  return one.certificate === other?.certificate && one.key === other.key;
}
