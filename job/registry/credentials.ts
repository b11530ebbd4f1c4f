import type { Waiting } from "../oci/content.ts";

/** What proves who we are to one registry. Never printed. */
export type Credentials =
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  /** An OAuth2 refresh token, as Docker's credential helpers give it under the user name `<token>`. */
  | { readonly kind: "identity-token"; readonly token: string };

export interface CredentialsRequest extends Waiting {
  /** Credentials that the registry has just refused: an expired or revoked token must not be handed out again. */
  readonly refused?: Credentials;
}

/** Where credentials for a registry come from. */
export interface CredentialProvider {
  /** @returns undefined for anonymous access. @throws {PromoterError} `CredentialsUnavailable` when they cannot be had. */
  credentialsFor(host: string, request?: CredentialsRequest): Promise<Credentials | undefined>;
  /**
   * True where the registry is known to take Basic authentication with these credentials (ECR): they are sent with
   * the first request, and no challenge of the registry is followed anywhere.
   */
  isPreemptive?(host: string): boolean;
}
