import type { Clock } from "../async/clock.ts";
import type { RetryPolicy } from "../async/retry.ts";
import { PromoterError } from "../error.ts";
import type { Log } from "../log.ts";
import type { Waiting } from "../oci/content.ts";
import { isRepositoryName } from "../oci/reference.ts";
import { adaptivePacer } from "./adaptive-pacer.ts";
import { discard } from "./answer.ts";
import { openAuthorizer } from "./authorizer.ts";
import { listRepositories } from "./catalog.ts";
import { minChunkBytes } from "./chunked-upload.ts";
import type { CredentialProvider } from "./credentials.ts";
import { HostBackoff } from "./host-backoff.ts";
import type { Network } from "./network.ts";
import type { Pacer, RequestKind } from "./pacing.ts";
import { ReferrersApi } from "./referrers-api.ts";
import { originOf, type RegistryOrigin } from "./registry-origin.ts";
import { openRepository, type RegistryRepository } from "./repository.ts";
import { openSender, type RegistryRequest, type Send } from "./request.ts";
import type { RegistryHints } from "./response-error.ts";

export interface RegistryOptions extends RegistryHints {
  /** As in references: `registry.example:5000`. */
  readonly host: string;
  /** Where to connect instead; requests still name `host` (emulators, VPC endpoints, port forwards). */
  readonly endpoint?: URL;
  /** Default: true for loopback hosts, false for all others. */
  readonly plainHttp?: boolean;
  readonly credentials: CredentialProvider;
  readonly network: Network;
  readonly clock: Clock;
  readonly log: Log;
  /** Default: one that slows down when the registry says so. */
  readonly pacer?: Pacer;
  /** Default: 6 attempts, from 250 milliseconds up to 30 seconds apart. */
  readonly retry?: Partial<RetryPolicy>;
  /** From when on its blobs can be mounted; default: as soon as they are uploaded. */
  readonly mountableAfter?: "upload" | "manifest";
  /** Whether a list of tags tells if there is a repository, to whoever may push to it. Default true. */
  readonly tellsTags?: boolean;
  /** Bytes of a chunk, where blobs do not go through whole. Default 16 MiB, never below 5 MiB. */
  readonly uploadChunkBytes?: number;
  /** Bytes from which on a blob is read by a connection of its own, straight from the socket. Default 4 MiB. */
  readonly largeBlobBytes?: number;
  /** Milliseconds after which a missing answer, or a transfer that hardly moves, is given up. Default 60 seconds. */
  readonly progressTimeoutMs?: number;
  /** Whether a request may be redirected to this host, which is not the registry's own. Default: to any that may be connected to. */
  readonly mayLeadTo?: (host: string) => boolean;
  /** Called for each answer, those of redirects included; status 0 where none came. */
  readonly onRequest?: (event: RequestEvent) => void;
}

export interface RequestEvent {
  readonly kind: RequestKind;
  readonly method: string;
  readonly status: number;
  /** Who answered: the registry, or the host that it redirected to. */
  readonly host: string;
}

export interface Registry {
  readonly host: string;
  /**
   * A repository of the registry; the same name gives the same repository. Asks nothing yet.
   *
   * @throws {PromoterError} `InvalidReference` when `name` is no repository name.
   */
  repository(name: string): RegistryRepository;
  /** The names of its repositories. @throws {PromoterError} `Unsupported`, `Denied` where it does not tell them. */
  repositories(options?: Waiting): AsyncIterable<string>;
  /** Asks whether it is a registry, and takes our credentials. @throws {PromoterError} when not. */
  ping(options?: Waiting): Promise<void>;
}

const defaultRetry: RetryPolicy = { attempts: 6, baseMs: 250, maxMs: 30_000 };
const defaultChunkBytes = 16 * 1024 * 1024;
const defaultLargeBlobBytes = 4 * 1024 * 1024;
const defaultProgressTimeoutMs = 60_000;

/**
 * Opens the client of a registry that speaks the distribution protocol. Connects when something is asked.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md}
 */
export function openRegistry(options: RegistryOptions): Registry {
  const { host, network, clock, log, progressTimeoutMs = defaultProgressTimeoutMs } = options;
  const origin = originOf(options);
  network.allow(origin.endpoint);
  const retry = { ...defaultRetry, ...options.retry };
  const send = senderOf(options, origin, retry);
  const referrersApi = new ReferrersApi();
  const repositories = new Map<string, RegistryRepository>();
  const accessTo = (repository: string) => ({
    host,
    repository,
    origin,
    send,
    prepare: (requests: number) =>
      network.clientFor(origin.endpoint, undefined, origin.name.host).prepare(requests),
    clock,
    log,
    retry,
    largeBlobBytes: options.largeBlobBytes ?? defaultLargeBlobBytes,
    progressTimeoutMs,
  });
  const open = (repository: string) =>
    openRepository({
      access: accessTo(repository),
      referrersApi,
      mountableAfter: options.mountableAfter ?? "upload",
      tellsTags: options.tellsTags ?? true,
      uploadChunkBytes: Math.max(minChunkBytes, options.uploadChunkBytes ?? defaultChunkBytes),
    });
  return {
    host,
    repository(name) {
      if (!isRepositoryName(name)) throw noRepositoryName(host, name);
      const known = repositories.get(name) ?? open(name);
      repositories.set(name, known);
      return known;
    },
    repositories: (waiting) => listRepositories(accessTo(""), waiting),
    ping: (waiting = {}) => send(pingRequest(host, origin, progressTimeoutMs, waiting), discard),
  };
}

function senderOf(options: RegistryOptions, origin: RegistryOrigin, retry: RetryPolicy): Send {
  const { host, clock, log, network, credentials, mayLeadTo, onRequest } = options;
  const pacer = options.pacer ?? adaptivePacer(clock);
  const { describeDenied, describeMissingRepository } = options;
  return openSender({
    wire: {
      origin,
      network,
      backoff: new HostBackoff(clock),
      ...(mayLeadTo && { mayLeadTo }),
      ...(onRequest && { onAnswer: onRequest }),
    },
    authorizer: openAuthorizer({ host, origin: origin.endpoint, credentials, network, clock, log }),
    clock,
    log,
    retry,
    hints: {
      ...(describeDenied && { describeDenied }),
      ...(describeMissingRepository && { describeMissingRepository }),
    },
    pacer,
  });
}

/** {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#determining-support} */
function pingRequest(
  host: string,
  origin: RegistryOrigin,
  timeoutMs: number,
  waiting: Waiting,
): RegistryRequest {
  return {
    ...waiting,
    kind: "list",
    method: "GET",
    url: new URL("/v2/", origin.endpoint),
    doing: "reach the registry",
    host,
    repository: "",
    actions: "pull",
    ok: [200],
    timeoutMs,
  };
}

function noRepositoryName(host: string, name: string): PromoterError {
  return new PromoterError(
    "InvalidReference",
    `Cannot open a repository at ${host}: ${JSON.stringify(name.slice(0, 300))} is no repository name`,
    { hint: "A repository name has components of lower-case letters and digits, joined by /" },
  );
}
