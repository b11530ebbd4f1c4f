import type { Clock } from "../async/clock.ts";
import { withSignal } from "../async/with-signal.ts";
import type { Log } from "../log.ts";
import type { CredentialProvider, Credentials } from "../registry/credentials.ts";
import type { AuthorizationToken, EcrClients } from "./api.ts";
import { type EcrRegistryHost, parseEcrHost } from "./registry-host.ts";

export interface EcrCredentialsOptions {
  readonly clients: EcrClients;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds of life that a token has left when it is renewed in the background; half of its life by default. */
  readonly renewBeforeMs?: number;
}

export interface EcrCredentialProvider extends CredentialProvider {
  /** The account of the identity that a registry is used with, as far as its last token told; asks nothing. */
  callerAccount(host: string): string | undefined;
}

interface HeldToken {
  readonly credentials: Credentials;
  readonly callerAccount: string | undefined;
  /** By our clock, milliseconds since the epoch. */
  readonly expiresAt: number;
  renewAt: number;
}

/** What ECR grants. Believing more would only mean that one of the two clocks is wrong. */
const longestLifeMs = 12 * 60 * 60_000;
/** How long a token is used that seems to have expired when it came: again, a clock is wrong. */
const assumedLifeMs = 5 * 60_000;
/** A token is not used in the last minute of its life. */
const marginMs = 60_000;
/** Milliseconds until a renewal that failed is tried again. */
const renewalPauseMs = 60_000;

/**
 * ECR's tokens as registry credentials. One token serves all registries that have region and identity in common; it is
 * renewed in the background, and at once when a registry refuses it. Other hosts and the public gallery, which is read
 * anonymously, get none.
 *
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html}
 */
export function ecrCredentials(options: EcrCredentialsOptions): EcrCredentialProvider {
  const tokens = new Map<string, RegistryToken>();
  const keyOf = (host: EcrRegistryHost) =>
    `${host.partition} ${host.region} ${options.clients.identityFor(host)}`;
  return {
    callerAccount(name) {
      const host = parseEcrHost(name);
      return host && tokens.get(keyOf(host))?.callerAccount;
    },
    isPreemptive(host) {
      return parseEcrHost(host)?.public === false;
    },
    async credentialsFor(name, { refused, signal } = {}) {
      const host = parseEcrHost(name);
      if (host === undefined || host.public) return undefined;
      const key = keyOf(host);
      const token = tokens.get(key) ?? new RegistryToken(host, options);
      tokens.set(key, token);
      signal?.throwIfAborted();
      return withSignal(token.credentials(refused), signal);
    },
  };
}

/** The token of one region and identity over time. */
class RegistryToken {
  readonly #host: EcrRegistryHost;
  readonly #options: EcrCredentialsOptions;
  #held: HeldToken | undefined;
  /** The renewal under way, shared by all who wait for it. */
  #renewal: Promise<HeldToken> | undefined;

  constructor(host: EcrRegistryHost, options: EcrCredentialsOptions) {
    this.#host = host;
    this.#options = options;
  }

  get callerAccount(): string | undefined {
    return this.#held?.callerAccount;
  }

  async credentials(refused: Credentials | undefined): Promise<Credentials> {
    if (refused !== undefined && this.#held && equals(refused, this.#held.credentials))
      this.#held = undefined;
    const now = this.#options.clock.now();
    const held = this.#held;
    if (held === undefined || now >= held.expiresAt) return (await this.#renew()).credentials;
    if (now >= held.renewAt) this.#renewInBackground(held);
    return held.credentials;
  }

  #renewInBackground(held: HeldToken): void {
    const { clock, log } = this.#options;
    held.renewAt = clock.now() + renewalPauseMs;
    this.#renew().catch((error: unknown) => {
      log.warn(
        { err: error, registry: this.#host.host },
        "Could not renew the registry token, the old one is kept",
      );
    });
  }

  #renew(): Promise<HeldToken> {
    this.#renewal ??= this.#obtain().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #obtain(): Promise<HeldToken> {
    const { clients, clock, log } = this.#options;
    const api = await clients.forHost(this.#host);
    const token = await api.getAuthorizationToken();
    this.#held = hold(token, clock.now(), this.#options.renewBeforeMs);
    log.debug(
      { registry: this.#host.host, expiresAt: new Date(token.expiresAt).toISOString() },
      "Got a registry token",
    );
    return this.#held;
  }
}

function hold(token: AuthorizationToken, now: number, renewBeforeMs: number | undefined): HeldToken {
  const promisedMs = token.expiresAt - now;
  const lifeMs = promisedMs > 0 ? Math.min(promisedMs, longestLifeMs) : assumedLifeMs;
  return {
    credentials: { kind: "basic", username: token.username, password: token.password },
    callerAccount: token.callerAccount,
    expiresAt: now + lifeMs - Math.min(marginMs, lifeMs / 10),
    renewAt: now + Math.max(0, lifeMs - (renewBeforeMs ?? lifeMs / 2)),
  };
}

function equals(one: Credentials, other: Credentials): boolean {
  if (one.kind === "basic" && other.kind === "basic") {
    return one.username === other.username && one.password === other.password;
  }
  return one.kind === "identity-token" && other.kind === "identity-token" && one.token === other.token;
}
