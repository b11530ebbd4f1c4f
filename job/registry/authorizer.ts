import type { Clock } from "../async/clock.ts";
import type { Log } from "../log.ts";
import type { Waiting } from "../oci/content.ts";
import type { CredentialProvider } from "./credentials.ts";
import type { Network } from "./network.ts";

/** What a token is asked for. */
export interface Scope {
  readonly repository: string;
  readonly actions: "pull" | "pull,push";
}

export interface Refusal {
  /** 401 or 403. */
  readonly status: number;
  readonly wwwAuthenticate: readonly string[];
  /** Whether the registry's error says that a token has expired, which ECR does with status 403. */
  readonly tokenExpired: boolean;
  /** The Authorization header that the refused request carried. */
  readonly sent: string | undefined;
  readonly scope: Scope;
  readonly mountFrom?: string;
}

/** Decides what proves our identity to one registry, request by request. */
export interface Authorizer {
  /** The Authorization header to send now, undefined for none (anonymous or not yet challenged). */
  headerFor(scope: Scope, options?: Waiting & { readonly mountFrom?: string }): Promise<string | undefined>;
  /** What to make of a refusal: true when headerFor now gives something else and one more try makes sense. */
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

export declare function openAuthorizer(options: AuthorizerOptions): Authorizer;
