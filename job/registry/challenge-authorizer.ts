import type { Clock } from "../async/clock.ts";
import { hasCode } from "../error.ts";
import type { Log } from "../log.ts";
import type { Waiting } from "../oci/content.ts";
import type { AuthorizationOptions, Refusal, Scope } from "./authorization.ts";
import { BasicAuthorizer } from "./basic-authorizer.ts";
import { fetchBearerToken } from "./bearer-token.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import type { Credentials } from "./credentials.ts";
import { InFlight } from "./in-flight.ts";
import type { Network } from "./network.ts";
import { redactUrl } from "./redact.ts";
import { freshMs, type RenewableCredentials } from "./renewable-credentials.ts";
import type { BearerToken } from "./token-answer.ts";
import { type TokenService, tokenServiceOf } from "./token-service.ts";

export interface ChallengeAuthorizerOptions {
  readonly host: string;
  readonly origin: URL;
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

/**
 * Sends nothing until the registry asks for something, then what it asks for, with every request. A token is asked
 * for exactly what is to be done, and kept for it until it expires.
 */
export class ChallengeAuthorizer {
  readonly #options: ChallengeAuthorizerOptions;
  readonly #basic: BasicAuthorizer;
  readonly #tokens = new Map<string, HeldToken>();
  readonly #fetches = new InFlight<string, HeldToken>();
  #accepted: "nothing" | "basic" | TokenService = "nothing";

  constructor(options: ChallengeAuthorizerOptions) {
    this.#options = options;
    this.#basic = new BasicAuthorizer(options.credentials);
  }

  async headerFor(scope: Scope, options: AuthorizationOptions = {}): Promise<string | undefined> {
    const accepted = this.#accepted;
    if (accepted === "nothing") return undefined;
    if (accepted === "basic") return this.#basic.headerFor(scope, options);
    const scopes = scopesOf(scope, options.mountFrom);
    const key = scopes.join(" ");
    const held = this.#tokens.get(key);
    if (held !== undefined && this.#isGood(held)) return held.header;
    const fetched = await this.#fetches.run(key, () => this.#fetch(accepted, scopes), options);
    return fetched.header;
  }

  async refused(refusal: Refusal, options: Waiting = {}): Promise<boolean> {
    const { status, tokenExpired, sent, scope, mountFrom } = refusal;
    if (status !== 401 && !tokenExpired) return false;
    const challenge = this.#learn(parseChallenges(refusal.wwwAuthenticate));
    if (this.#accepted === "nothing") return false;
    if (this.#accepted === "basic") return this.#basic.refused(refusal, options);
    const key = scopesOf(scope, mountFrom).join(" ");
    const held = this.#tokens.get(key);
    if (held !== undefined && held.header === sent) {
      const enough = challenge?.parameters.get("error") !== "insufficient_scope";
      if (!enough || this.#isFresh(held)) return false;
      this.#tokens.delete(key);
    }
    const header = await this.headerFor(scope, { ...options, ...(mountFrom !== undefined && { mountFrom }) });
    return header !== undefined && header !== sent;
  }

  /** Remembers what the registry asks for. @returns the challenge that is going to be met, if there is one. */
  #learn(challenges: readonly Challenge[]): Challenge | undefined {
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    if (bearer !== undefined) {
      const service = tokenServiceOf(this.#options.origin, bearer.parameters);
      if (!isSameService(this.#accepted, service)) {
        this.#tokens.clear();
        this.#accepted = service;
      }
      return bearer;
    }
    const basic = challenges.find(({ scheme }) => scheme === "basic");
    if (basic !== undefined) this.#accepted = "basic";
    return basic;
  }

  async #fetch(tokenService: TokenService, scopes: readonly string[]): Promise<HeldToken> {
    const { host, origin, network, credentials, clock, log } = this.#options;
    const obtainedAt = clock.now();
    const token = await withRenewal(credentials, (current) =>
      fetchBearerToken({ host, origin, network, tokenService, scopes, credentials: current }),
    );
    const held = { header: `Bearer ${token.token}`, obtainedAt, lifetimeMs: token.lifetimeMs };
    if (this.#accepted === tokenService) this.#tokens.set(scopes.join(" "), held);
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

/** {@link https://distribution.github.io/distribution/spec/auth/scope/} */
function scopesOf({ repository, actions }: Scope, mountFrom: string | undefined): readonly string[] {
  const own = `repository:${repository}:${actions}`;
  return mountFrom === undefined ? [own] : [own, `repository:${mountFrom}:pull`];
}

function isSameService(known: "nothing" | "basic" | TokenService, { realm, service }: TokenService): boolean {
  return typeof known !== "string" && known.realm.href === realm.href && known.service === service;
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
