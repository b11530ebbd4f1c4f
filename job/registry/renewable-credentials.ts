import type { Clock } from "../async/clock.ts";
import type { Waiting } from "../oci/content.ts";
import type { CredentialProvider, Credentials } from "./credentials.ts";
import { InFlight } from "./in-flight.ts";

/**
 * Milliseconds for which something just obtained counts as fresh. A registry that refuses what is fresh does not
 * refuse it for its age, and would refuse the next one as well.
 */
export const freshMs = 10_000;

export interface RenewableCredentialsOptions {
  readonly host: string;
  readonly credentials: CredentialProvider;
  readonly clock: Clock;
}

/** One registry's credentials: asked for each time, since their provider renews them, and renewed when refused. */
export class RenewableCredentials {
  readonly #options: RenewableCredentialsOptions;
  readonly #renewals = new InFlight<"renewal", Credentials | undefined>();
  #renewedAt = Number.NEGATIVE_INFINITY;

  constructor(options: RenewableCredentialsOptions) {
    this.#options = options;
  }

  current(waiting: Waiting = {}): Promise<Credentials | undefined> {
    const { credentials, host } = this.#options;
    return credentials.credentialsFor(host, waiting);
  }

  /**
   * Asks the provider for others than those refused; once for all who ask at the same time, and not again within a
   * moment.
   *
   * @returns whether there are any.
   */
  async renew(refused: Credentials, waiting: Waiting = {}): Promise<boolean> {
    const { credentials, host, clock } = this.#options;
    if (clock.now() - this.#renewedAt < freshMs) return false;
    const work = async () => {
      const renewed = await credentials.credentialsFor(host, { refused });
      this.#renewedAt = clock.now();
      return renewed;
    };
    const renewed = await this.#renewals.run("renewal", work, waiting);
    return renewed !== undefined && !sameCredentials(renewed, refused);
  }
}

/** True when both prove the same. */
export function sameCredentials(one: Credentials, other: Credentials): boolean {
  if (one.kind === "basic") {
    return other.kind === "basic" && one.username === other.username && one.password === other.password;
  }
  return other.kind === "identity-token" && one.token === other.token;
}
