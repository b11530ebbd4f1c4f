import type { Clock } from "../async/clock.ts";
import { hasCode } from "../error.ts";
import type { Log } from "../log.ts";
import type { Waiting } from "../oci/content.ts";
import { fetchBearerToken } from "./bearer-token.ts";
import type { Credentials } from "./credentials.ts";
import { InFlight } from "./in-flight.ts";
import type { Network } from "./network.ts";
import { redactUrl } from "./redact.ts";
import { freshMs, type RenewableCredentials } from "./renewable-credentials.ts";
import type { BearerToken } from "./token-answer.ts";
import type { TokenService } from "./token-service.ts";

export interface TokenStoreOptions {
  /** The registry's host as in references. */
  readonly host: string;
  /** The registry's origin. */
  readonly origin: URL;
  readonly tokenService: TokenService;
  readonly credentials: RenewableCredentials;
  readonly network: Network;
  readonly clock: Clock;
  readonly log: Log;
}

interface HeldToken {
  readonly header: string;
  readonly obtainedAt: number;
  readonly lifetimeMs: number;
}

/** A token is renewed this much before it expires (a fifth of its life if that is less), to arrive while it is good. */
const renewBeforeMs = 10_000;

/** One token service's tokens: each is asked for exactly what is to be done, and kept for it until it expires. */
export class TokenStore {
  readonly #options: TokenStoreOptions;
  readonly #held = new Map<string, HeldToken>();
  readonly #fetches = new InFlight<string, HeldToken>();

  constructor(options: TokenStoreOptions) {
    this.#options = options;
  }

  /** The Authorization header for the given scopes; those who ask together cause one request. */
  async headerFor(scopes: readonly string[], waiting: Waiting): Promise<string> {
    const key = scopes.join(" ");
    const held = this.#held.get(key);
    if (held !== undefined && this.#isGood(held)) return held.header;
    const fetched = await this.#fetches.run(key, () => this.#fetch(scopes), waiting);
    return fetched.header;
  }

  /**
   * The registry refused `header`: forgets it, unless it is so fresh that another would be refused too.
   *
   * @returns whether it makes sense to ask for a header again.
   */
  drop(scopes: readonly string[], header: string | undefined): boolean {
    const key = scopes.join(" ");
    const held = this.#held.get(key);
    if (held === undefined || held.header !== header) return true;
    if (this.#isFresh(held)) return false;
    return this.#held.delete(key);
  }

  /** Whether this is the store of the given service. */
  serves({ realm, service }: TokenService): boolean {
    const { tokenService } = this.#options;
    return tokenService.realm.href === realm.href && tokenService.service === service;
  }

  async #fetch(scopes: readonly string[]): Promise<HeldToken> {
    const { host, credentials, clock, log, tokenService } = this.#options;
    const obtainedAt = clock.now();
    const token = await withRenewal(credentials, (current) =>
      fetchBearerToken({ ...this.#options, scopes, credentials: current }),
    );
    const held = { header: `Bearer ${token.token}`, obtainedAt, lifetimeMs: token.lifetimeMs };
    this.#held.set(scopes.join(" "), held);
    log.debug({ host, realm: redactUrl(tokenService.realm), scopes }, "Got a token");
    return held;
  }

  #isGood({ obtainedAt, lifetimeMs }: HeldToken): boolean {
    const early = Math.min(renewBeforeMs, lifetimeMs / 5);
    return this.#options.clock.now() < obtainedAt + lifetimeMs - early;
  }

  #isFresh({ obtainedAt, lifetimeMs }: HeldToken): boolean {
    return this.#options.clock.now() - obtainedAt < Math.min(freshMs, lifetimeMs);
  }
}

/** Asks for a token once more when the service refuses credentials that can be renewed. */
async function withRenewal(
  credentials: RenewableCredentials,
  fetch: (current: Credentials | undefined) => Promise<BearerToken>,
): Promise<BearerToken> {
  const current = await credentials.current();
  try {
    return await fetch(current);
  } catch (error) {
    if (current === undefined || !hasCode(error, "Unauthorized")) throw error;
    if (!(await credentials.renew(current))) throw error;
    return fetch(await credentials.current());
  }
}
