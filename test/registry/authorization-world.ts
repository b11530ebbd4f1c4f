import type { Clock } from "../../job/async/clock.ts";
import { silentLog } from "../../job/log.ts";
import type { Scope } from "../../job/registry/authorization.ts";
import { type Authorizer, openAuthorizer } from "../../job/registry/authorizer.ts";
import type { CredentialProvider, Credentials, CredentialsRequest } from "../../job/registry/credentials.ts";
import type { Network } from "../../job/registry/network.ts";
import { testNetwork } from "./sockets.ts";

export const host = "registry.example";
export const pull: Scope = { repository: "team/app", actions: "pull" };
export const push: Scope = { repository: "team/app", actions: "pull,push" };

/** A clock that stands still until it is moved. */
export function testClock(): Clock & { advance(ms: number): void } {
  let now = 1_000_000;
  return {
    now: () => now,
    random: () => 0,
    sleep: async () => {},
    advance: (ms) => {
      now += ms;
    },
  };
}

export interface TestProvider extends CredentialProvider {
  readonly requests: CredentialsRequest[];
}

/** A provider that goes on to the next credentials when the ones it gave are refused, and ends with the last. */
export function providerOf(given: readonly (Credentials | undefined)[], preemptive = false): TestProvider {
  const requests: CredentialsRequest[] = [];
  let at = 0;
  return {
    requests,
    isPreemptive: () => preemptive,
    async credentialsFor(_host, request = {}) {
      requests.push(request);
      await Promise.resolve();
      if (request.refused !== undefined && at < given.length - 1) at += 1;
      return given[at];
    },
  };
}

export function basic(password: string): Credentials {
  return { kind: "basic", username: "AWS", password };
}

export function basicHeaderOf(password: string): string {
  return `Basic ${btoa(`AWS:${password}`)}`;
}

export interface AuthorizationWorld extends AsyncDisposable {
  readonly authorizer: Authorizer;
  readonly clock: ReturnType<typeof testClock>;
  readonly network: Network;
  /** A refusal with 401 and these challenges. */
  challenge(sent: string | undefined, wwwAuthenticate: string, scope?: Scope): Promise<boolean>;
  /** A refusal with 403, as ECR says that a token has expired. */
  expired(sent: string | undefined): Promise<boolean>;
}

export function authorizationWorld(
  credentials: CredentialProvider,
  origin = new URL("http://127.0.0.1:1"),
): AuthorizationWorld {
  const clock = testClock();
  const network = testNetwork();
  network.allow(origin);
  const authorizer = openAuthorizer({ host, origin, credentials, network, clock, log: silentLog });
  return {
    authorizer,
    clock,
    network,
    challenge: (sent, wwwAuthenticate, scope = pull) =>
      authorizer.refused({
        status: 401,
        wwwAuthenticate: [wwwAuthenticate],
        tokenExpired: false,
        sent,
        scope,
      }),
    expired: (sent) =>
      authorizer.refused({ status: 403, wwwAuthenticate: [], tokenExpired: true, sent, scope: pull }),
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  };
}
