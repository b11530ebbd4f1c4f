import type { Clock } from "../async/clock.ts";
import { TokenBucket } from "../async/token-bucket.ts";
import type { Pacer, RequestKind } from "../registry/pacing.ts";
import type { EcrRegistryHost } from "./registry-host.ts";
import { type GrantedQuotas, leastMs, quotasOf, type RequestQuotas } from "./request-quotas.ts";

/** A pacer that knows how long its quotas make a number of requests take. */
export interface EcrPacer extends Pacer {
  /** Milliseconds that so many requests of each kind take at the least. */
  leastMs(requests: Readonly<Partial<Record<RequestKind, number>>>): number;
}

/** One pacer for each account and region: ECR counts all repositories and all host names of them together. */
export interface EcrPacers {
  forHost(host: EcrRegistryHost): EcrPacer;
}

export interface EcrPacersOptions extends GrantedQuotas {
  readonly clock: Clock;
}

export function ecrPacers({ clock, ...granted }: EcrPacersOptions): EcrPacers {
  const pacers = new Map<string, EcrPacer>();
  return {
    forHost(host) {
      const key = `${host.accountId}/${host.region}`;
      const known = pacers.get(key) ?? ecrPacer(quotasOf(host, granted), clock);
      pacers.set(key, known);
      return known;
    },
  };
}

function ecrPacer(quotas: RequestQuotas, clock: Clock): EcrPacer {
  const buckets = new Map<RequestKind, TokenBucket>();
  const bucket = (kind: RequestKind) => {
    const known = buckets.get(kind) ?? new TokenBucket({ clock, quota: quotas[kind] });
    buckets.set(kind, known);
    return known;
  };
  return {
    admit: (kind, waiting) => bucket(kind).admit(waiting),
    throttled: (kind, retryAfterMs) => bucket(kind).throttled(retryAfterMs),
    leastMs: (requests) => leastMs(quotas, requests),
  };
}
