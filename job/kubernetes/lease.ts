import { allDone } from "../async/all-done.ts";
import type { Clock } from "../async/clock.ts";
import { rest } from "../async/rest.ts";
import { asPromoterError } from "../error.ts";
import type { Log } from "../log.ts";
import type { KubernetesApi } from "./api.ts";
import { LeaseCandidate } from "./lease-candidate.ts";

export interface ElectionOptions {
  /** Not to be ended by `signal`: the Lease is given back after that. */
  readonly api: KubernetesApi;
  readonly namespace: string;
  /** Of the Lease, made when it is missing. */
  readonly name: string;
  /** Of this candidate: no other may have it. */
  readonly identity: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the candidacy. */
  readonly signal: AbortSignal;
  /** Milliseconds without a sign of life after which another may lead. Default 15,000. */
  readonly durationMs?: number;
  /** Milliseconds without a renewal after which the leader steps down: fewer than `durationMs`. Default 10,000. */
  readonly renewWithinMs?: number;
  /** Milliseconds between attempts. Default 2,000. */
  readonly retryMs?: number;
  /** Told when this candidate begins and ceases to lead. */
  readonly onLeading?: (leading: boolean) => void;
}

/** What is done by one of all candidates at a time. */
export type LeadersWork = (signal: AbortSignal) => Promise<void>;

interface Election {
  readonly options: ElectionOptions;
  readonly candidate: LeaseCandidate;
  readonly retryMs: number;
  readonly renewWithinMs: number;
  /** The failure that has been logged, so that it is not logged every two seconds. */
  said: string | undefined;
}

/**
 * Works while it holds a Lease, as one of all candidates at a time. The signal that `work` is given is aborted while
 * the others still wait; until `work` has ended this one is no candidate again. Resolves when `signal` is aborted and
 * `work` has ended, or when `work` ends by itself. {@link https://kubernetes.io/docs/concepts/architecture/leases/}
 *
 * @throws whatever `work` throws, after the Lease has been given back.
 */
export async function leadByLease(options: ElectionOptions, work: LeadersWork): Promise<void> {
  const { durationMs = 15_000, renewWithinMs = 10_000, retryMs = 2_000, signal, clock } = options;
  const candidate = new LeaseCandidate({ ...options, durationMs });
  const election: Election = { options, candidate, retryMs, renewWithinMs, said: undefined };
  while (!signal.aborted) {
    const since = clock.now();
    if ((await attempt(election, signal, renewWithinMs)) === "held") {
      if (await lead(election, since, work)) return;
    }
    // Drawn at random, so that candidates do not come all at once.
    else await rest(retryMs * (1 + 0.2 * clock.random()), clock, signal);
  }
}

/** @returns whether the work ended by itself. */
async function lead(election: Election, since: number, work: LeadersWork): Promise<boolean> {
  const { log, identity, name, signal, onLeading } = election.options;
  log.info({ lease: name, identity }, "Leading");
  onLeading?.(true);
  const term = new AbortController();
  const stepDown = () => term.abort(new DOMException("No longer leading", "AbortError"));
  const ended = AbortSignal.any([signal, term.signal]);
  const working = work(ended).catch((error: unknown) => {
    if (!ended.aborted) throw error;
  });
  const renewing = renewWhileHeld(election, since, ended);
  try {
    return await Promise.race([working.then(() => !ended.aborted), renewing.then(() => false)]);
  } finally {
    stepDown();
    onLeading?.(false);
    try {
      await allDone([working, renewing]);
    } finally {
      await giveBack(election);
      log.info({ lease: name, identity }, "No longer leading");
    }
  }
}

/** Resolves when the Lease is another's, could not be renewed for too long, or the signal is aborted. */
async function renewWhileHeld(election: Election, since: number, signal: AbortSignal): Promise<void> {
  const { options, retryMs, renewWithinMs } = election;
  const { clock, log, name } = options;
  let renewedAt = since;
  for (;;) {
    const until = renewedAt + renewWithinMs;
    await rest(Math.min(retryMs, until - clock.now()), clock, signal);
    const now = clock.now();
    if (signal.aborted) return;
    const state = now < until ? await attempt(election, signal, until - now) : "unknown";
    if (state === "held") renewedAt = now;
    else if (state === "other's" || clock.now() >= until) {
      if (!signal.aborted) log.warn({ lease: name }, "The Lease was not renewed in time");
      return;
    }
  }
}

async function attempt(
  election: Election,
  signal: AbortSignal,
  withinMs: number,
): Promise<"held" | "other's" | "unknown"> {
  const { options, candidate } = election;
  const { log, name, identity, namespace } = options;
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(withinMs))]);
    const { held, holder } = await candidate.attempt(limit);
    election.said = undefined;
    if (held) return "held";
    return holder === "" || holder === identity ? "unknown" : "other's";
  } catch (error) {
    if (signal.aborted) return "unknown";
    const { code, message, hint = grantHint(namespace) } = asPromoterError(error);
    if (election.said === message) log.debug({ code, lease: name }, message);
    else log.warn({ code, lease: name, hint }, `Cannot stand for election: ${message}`);
    election.said = message;
    return "unknown";
  }
}

async function giveBack({ options, candidate }: Election): Promise<void> {
  try {
    await candidate.release(AbortSignal.timeout(5_000));
  } catch (error) {
    // It runs out by itself.
    options.log.debug({ lease: options.name }, asPromoterError(error).message);
  }
}

function grantHint(namespace: string): string {
  return `Grant get, create and update on leases of the API group "coordination.k8s.io" in the namespace ${namespace}`;
}
