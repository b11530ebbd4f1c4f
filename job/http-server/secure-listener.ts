import { createPrivateKey } from "node:crypto";
import { createServer, type Server, type ServerOptions } from "node:https";
import { createSecureContext } from "node:tls";
import { PromoterError } from "../error.ts";
import {
  type Answer,
  type ClosingOptions,
  type ListenAddress,
  type Listener,
  listenOn,
  serverLimits,
} from "./listener.ts";

/** What a server shows of itself, as PEM. */
export interface ServerCertificate {
  /** The server's own certificate first, then those that lead to its authority. */
  readonly certificate: string;
  readonly key: string;
}

export interface SecureListener extends Listener {
  /**
   * Shows another certificate from the next connection on; those that are open stay as they are.
   *
   * @throws {PromoterError} `InvalidConfiguration` when certificate and key are no pair: the former stays.
   */
  renew(certificate: ServerCertificate): void;
}

export interface SecureListenerOptions extends ClosingOptions {
  readonly certificate: ServerCertificate;
  /** Authorities of clients, as PEM: without a certificate of theirs nobody is answered. Default: anybody is. */
  readonly clientAuthority?: string;
}

/**
 * Milliseconds that a connection is kept for another request: longer than the API server keeps one (90 s), so that it is
 * always the client that lets go, and no request meets a connection that is just being closed.
 */
const keepAliveTimeout = 120_000;

/**
 * Listens for HTTPS.
 *
 * @throws {PromoterError} `Usage` when the address cannot be had; `InvalidConfiguration` when certificate and key are
 * no pair.
 */
export async function listenSecurely(
  address: ListenAddress,
  answer: Answer,
  { certificate, clientAuthority, ...closing }: SecureListenerOptions,
): Promise<SecureListener> {
  const lasting: ServerOptions = {
    minVersion: "TLSv1.2",
    // Connections that say nothing would take the place of others.
    handshakeTimeout: serverLimits.headersTimeout,
    ...(clientAuthority !== undefined && {
      ca: clientAuthority,
      requestCert: true,
      rejectUnauthorized: true,
    }),
  };
  checkPair(certificate);
  const server: Server = createServer(
    { ...serverLimits, keepAliveTimeout, ...lasting, ...pemOf(certificate) },
    answer,
  );
  const listener = await listenOn(server, address, closing);
  return {
    ...listener,
    renew(next) {
      checkPair(next);
      server.setSecureContext({ ...lasting, ...pemOf(next) });
    },
  };
}

/** @throws {PromoterError} `InvalidConfiguration` when they are no pair, or one of them cannot be read. */
export function checkPair(certificate: ServerCertificate): void {
  try {
    createPrivateKey(certificate.key);
    createSecureContext(pemOf(certificate));
  } catch (cause) {
    throw new PromoterError("InvalidConfiguration", "The server's certificate and its key are no pair", {
      cause,
      hint: "Give the certificate and the key that belong together, both as PEM, the key without a passphrase",
    });
  }
}

function pemOf({ certificate: cert, key }: ServerCertificate) {
  return { cert, key };
}
