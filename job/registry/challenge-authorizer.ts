import type { Clock } from "../async/clock.ts";
import type { Log } from "../log.ts";
import type { Waiting } from "../oci/content.ts";
import type { AuthorizationOptions, Refusal, Scope } from "./authorization.ts";
import { BasicAuthorizer } from "./basic-authorizer.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import type { Network } from "./network.ts";
import type { RenewableCredentials } from "./renewable-credentials.ts";
import { tokenServiceOf } from "./token-service.ts";
import { TokenStore } from "./token-store.ts";

export interface ChallengeAuthorizerOptions {
  readonly host: string;
  readonly origin: URL;
  readonly credentials: RenewableCredentials;
  readonly network: Network;
  readonly clock: Clock;
  readonly log: Log;
}

/** Sends nothing until the registry asks for something, then what it asks for, with every request. */
export class ChallengeAuthorizer {
  readonly #options: ChallengeAuthorizerOptions;
  readonly #basic: BasicAuthorizer;
  /** What the registry has asked for. */
  #asked: "nothing" | "basic" | TokenStore = "nothing";

  constructor(options: ChallengeAuthorizerOptions) {
    this.#options = options;
    this.#basic = new BasicAuthorizer(options.credentials);
  }

  async headerFor(scope: Scope, options: AuthorizationOptions = {}): Promise<string | undefined> {
    if (this.#asked === "nothing") return undefined;
    if (this.#asked === "basic") return this.#basic.headerFor(scope, options);
    return this.#asked.headerFor(scopesOf(scope, options.mountFrom), options);
  }

  async refused(refusal: Refusal, options: Waiting = {}): Promise<boolean> {
    const { status, tokenExpired, sent, scope, mountFrom } = refusal;
    if (status !== 401 && !tokenExpired) return false;
    const challenge = this.#learn(parseChallenges(refusal.wwwAuthenticate));
    if (this.#asked === "nothing") return false;
    if (this.#asked === "basic") return this.#basic.refused(refusal, options);
    const scopes = scopesOf(scope, mountFrom);
    const insufficient = challenge?.parameters.get("error") === "insufficient_scope";
    // A token for just these scopes was not enough, and the next one would not be either.
    if (insufficient && sent !== undefined && sent === (await this.#asked.headerFor(scopes, options)))
      return false;
    if (!this.#asked.drop(scopes, sent)) return false;
    return (await this.#asked.headerFor(scopes, options)) !== sent;
  }

  /** Remembers what the registry asks for. @returns the challenge that is going to be met, if there is one. */
  #learn(challenges: readonly Challenge[]): Challenge | undefined {
    const bearer = challenges.find(({ scheme }) => scheme === "bearer");
    if (bearer !== undefined) {
      const tokenService = tokenServiceOf(this.#options.origin, bearer.parameters);
      const known = typeof this.#asked !== "string" && this.#asked.serves(tokenService);
      if (!known) this.#asked = new TokenStore({ ...this.#options, tokenService });
      return bearer;
    }
    const basic = challenges.find(({ scheme }) => scheme === "basic");
    if (basic !== undefined) this.#asked = "basic";
    return basic;
  }
}

/** {@link https://distribution.github.io/distribution/spec/auth/scope/} */
function scopesOf({ repository, actions }: Scope, mountFrom: string | undefined): readonly string[] {
  if (actions === "catalog") return ["registry:catalog:*"];
  // Whether a registry is there at all is asked about no repository.
  if (repository === "") return [];
  const own = `repository:${repository}:${actions}`;
  return mountFrom === undefined ? [own] : [own, `repository:${mountFrom}:pull`];
}
