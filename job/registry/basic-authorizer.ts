import { basicAuthorization } from "../http-client/basic-authorization.ts";
import type { Waiting } from "../oci/content.ts";
import type { AuthorizationOptions, Refusal, Scope } from "./authorization.ts";
import type { Credentials } from "./credentials.ts";
import type { RenewableCredentials } from "./renewable-credentials.ts";

/** Sends a name and a password with every request, and asks for new ones when a request is refused. */
export class BasicAuthorizer {
  readonly #credentials: RenewableCredentials;

  constructor(credentials: RenewableCredentials) {
    this.#credentials = credentials;
  }

  async headerFor(_scope: Scope, options?: AuthorizationOptions): Promise<string | undefined> {
    return basicHeader(await this.#credentials.current(options));
  }

  async refused({ status, tokenExpired, sent }: Refusal, options?: Waiting): Promise<boolean> {
    if (status !== 401 && !tokenExpired) return false;
    const current = await this.#credentials.current(options);
    const header = basicHeader(current);
    if (current === undefined || header === undefined) return false;
    // Others may have had them renewed while this request was under way.
    return header !== sent || (await this.#credentials.renew(current, options));
  }
}

/** The Authorization header of a name and a password; undefined where there are none. */
export function basicHeader(credentials: Credentials | undefined): string | undefined {
  if (credentials?.kind !== "basic") return undefined;
  return basicAuthorization(credentials.username, credentials.password);
}
