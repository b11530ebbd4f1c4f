import type { Clock } from "../async/clock.ts";
import type { Log } from "../log.ts";
import type { Waiting } from "../oci/content.ts";
import type { AuthorizationOptions, Refusal, Scope } from "./authorization.ts";
import { BasicAuthorizer } from "./basic-authorizer.ts";
import { ChallengeAuthorizer } from "./challenge-authorizer.ts";
import type { CredentialProvider } from "./credentials.ts";
import type { Network } from "./network.ts";
import { RenewableCredentials } from "./renewable-credentials.ts";

/** Decides what proves our identity to one registry, request by request. */
export interface Authorizer {
  /**
   * The Authorization header to send now, undefined for none (anonymous or not yet challenged).
   *
   * @throws {PromoterError} `CredentialsUnavailable` when the credentials cannot be had; what `fetchBearerToken`
   * throws when a token cannot.
   */
  headerFor(scope: Scope, options?: AuthorizationOptions): Promise<string | undefined>;
  /**
   * What to make of a refusal: true when `headerFor` now gives something else and one more try makes sense. Requests
   * that are refused together cause one renewal; a refusal of what was renewed a moment ago causes none.
   *
   * @throws {PromoterError} as `headerFor`, and `RedirectRefused` for a challenge that leads to a forbidden place.
   */
  refused(refusal: Refusal, options?: Waiting): Promise<boolean>;
}

export interface AuthorizerOptions {
  /** The registry's host as in references: what credentials are asked for. */
  readonly host: string;
  /** Where requests go: scheme, host and port. */
  readonly origin: URL;
  readonly credentials: CredentialProvider;
  readonly network: Network;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Opens what authorises the requests to one registry: by Basic authentication from the first request on where the
 * registry is known to take it, and no challenge is then ever followed; else by what the registry's challenges ask for.
 */
export function openAuthorizer(options: AuthorizerOptions): Authorizer {
  const { host, credentials } = options;
  const renewable = new RenewableCredentials(options);
  if (credentials.isPreemptive?.(host) === true) return new BasicAuthorizer(renewable);
  return new ChallengeAuthorizer({ ...options, credentials: renewable });
}
