import type { Clock } from "../async/clock.ts";
import type { RetryPolicy } from "../async/retry.ts";
import { PromoterError } from "../error.ts";
import type { Log } from "../log.ts";
import { isDigest } from "../oci/digest.ts";
import { isTag, type Target } from "../oci/reference.ts";
import type { RegistryOrigin } from "./registry-origin.ts";
import type { RegistryRequest, Send } from "./request.ts";

/** What every operation on one repository works with. */
export interface RepositoryAccess {
  readonly host: string;
  readonly repository: string;
  readonly origin: RegistryOrigin;
  readonly send: Send;
  /** Gets connections ready for so many requests. */
  readonly prepare: (requests: number) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly retry: RetryPolicy;
  /** Bytes from which on a blob is read by a connection of its own. */
  readonly largeBlobBytes: number;
  /** Milliseconds after which an answer, or a transfer that hardly moves, is given up. */
  readonly progressTimeoutMs: number;
}

type Described = Omit<RegistryRequest, "host" | "repository" | "url" | "timeoutMs"> & {
  readonly timeoutMs?: number;
};

/** A request about `path` under the repository: `manifests/v1`, or to an address that the registry gave. */
export function requestOf(access: RepositoryAccess, at: string | URL, described: Described): RegistryRequest {
  const { host, repository, origin, progressTimeoutMs } = access;
  const url = at instanceof URL ? at : new URL(`/v2/${repository}/${at}`, origin.endpoint);
  return { timeoutMs: progressTimeoutMs, ...described, host, repository, url };
}

/** @throws {PromoterError} `InvalidReference` when `target` is neither a tag nor a digest: it becomes part of an address. */
export function assertTarget(target: Target): void {
  if (isTag(target) || isDigest(target)) return;
  throw new PromoterError(
    "InvalidReference",
    `Cannot ask a registry for ${JSON.stringify(target.slice(0, 140))}: that is neither a tag nor a digest`,
    { hint: "A tag has up to 128 of letters, digits, _ . and -, and does not begin with . or -" },
  );
}
