import type { EmulatedKind, OpenRequest } from "./request-log.ts";

/** Which requests a fault meets: all that is said must match. */
export interface FaultMatch {
  readonly method?: string;
  /** Tried on path and query. */
  readonly path?: RegExp;
  readonly kind?: EmulatedKind | readonly EmulatedKind[];
  /** The ECR or STS action: `PutImage`, `GetAuthorizationToken`. */
  readonly action?: string;
  readonly account?: string;
  readonly repository?: string;
  /** The first request that is met, counted from 1 among those that match. Default 1. */
  readonly nth?: number;
  /** How many requests are met. Default: every one from the `nth` on. */
  readonly times?: number;
  /** From 0 to 1, drawn from `seed` for each request that matches. Default 1. */
  readonly probability?: number;
  readonly seed?: number;
}

/** What happens to a request that is met. */
export type FaultEffect =
  /** Answers this, and does nothing else. */
  | {
      readonly do: "status";
      readonly status: number;
      readonly body?: string | object;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Waits, then goes on. */
  | { readonly do: "delay"; readonly ms: number }
  /** Takes the request and never answers; with `afterBytes`, stops after so many bytes of the body. */
  | { readonly do: "stall"; readonly afterBytes?: number }
  /** Resets the connection: `before` anything is done, or after the answer's `headers`. */
  | { readonly do: "reset"; readonly when: "before" | "after-headers" }
  /** Ends every connection of the listener and takes no new ones for so long by the emulator's clock, or for ever. */
  | { readonly do: "refuse"; readonly ms?: number }
  | { readonly do: "reset-after-response-bytes"; readonly bytes: number }
  | { readonly do: "reset-after-request-bytes"; readonly bytes: number }
  /** Sends only so many bytes, under an honest Content-Length. */
  | { readonly do: "truncate"; readonly bytes: number }
  /** Sends so many bytes more, under an honest Content-Length. */
  | { readonly do: "extend"; readonly bytes: number }
  | { readonly do: "flip-byte"; readonly at: number }
  | { readonly do: "digest-header"; readonly digest: string }
  | { readonly do: "media-type"; readonly mediaType: string }
  /** Does the work, then ends the connection without an answer. */
  | { readonly do: "drop-response" }
  /** Does the work, then never answers. */
  | { readonly do: "withhold-response" }
  | { readonly do: "empty-403" }
  | { readonly do: "html"; readonly status?: number }
  | { readonly do: "redirect"; readonly to: string; readonly status?: number }
  /** Redirects to the very address that was asked. */
  | { readonly do: "redirect-loop" }
  | { readonly do: "missing-location" }
  | { readonly do: "slow"; readonly bytesPerSecond: number }
  /** Takes the request's body no faster. */
  | { readonly do: "slow-intake"; readonly bytesPerSecond: number }
  /** Sends the body in pieces of so many bytes. */
  | { readonly do: "slice"; readonly bytes: number }
  /** Answers as if the token had expired. */
  | { readonly do: "expired-token" }
  /** Ignores a Range header: 200 and the whole body. */
  | { readonly do: "ignore-range" }
  /** HEAD claims a manifest that is not there; an index that needs it is refused all the same. */
  | { readonly do: "phantom-manifest" };

export interface InjectedFault {
  readonly effect: FaultEffect;
  /** How many requests it has met. */
  readonly met: number;
  remove(): void;
}

interface Rule {
  readonly match: FaultMatch;
  readonly effect: FaultEffect;
  readonly random: () => number;
  seen: number;
  met: number;
}

/** The faults of one emulator. */
export class FaultInjector {
  #rules: Rule[] = [];

  /** From the next request on; several faults may meet one request. */
  add(match: FaultMatch, effect: FaultEffect): InjectedFault {
    const rule: Rule = { match, effect, random: seededRandom(match.seed ?? 1), seen: 0, met: 0 };
    this.#rules.push(rule);
    return {
      effect,
      get met() {
        return rule.met;
      },
      remove: () => {
        this.#rules = this.#rules.filter((other) => other !== rule);
      },
    };
  }

  clear(): void {
    this.#rules = [];
  }

  /** The effects on this request, which is counted by every rule that it matches. */
  effectsOn(request: OpenRequest): readonly FaultEffect[] {
    const met = this.#rules.filter((rule) => matches(rule.match, request) && strikes(rule));
    for (const { effect } of met) request.faults.push(effect.do);
    return met.map(({ effect }) => effect);
  }
}

function matches(match: FaultMatch, request: OpenRequest): boolean {
  const kinds = match.kind === undefined ? undefined : [match.kind].flat();
  return (
    (match.method === undefined || match.method === request.method) &&
    (match.path === undefined || match.path.test(request.path)) &&
    (kinds === undefined || kinds.includes(request.kind)) &&
    (match.action === undefined || match.action === request.action) &&
    (match.account === undefined || match.account === request.account) &&
    (match.repository === undefined || match.repository === request.repository)
  );
}

function strikes(rule: Rule): boolean {
  rule.seen += 1;
  const { nth = 1, times = Number.POSITIVE_INFINITY, probability = 1 } = rule.match;
  if (rule.seen < nth || rule.met >= times || rule.random() >= probability) return false;
  rule.met += 1;
  return true;
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
