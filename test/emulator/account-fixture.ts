import type { IssuedKey } from "./iam/identities.ts";
import type { Principal } from "./iam/principal.ts";
import type { MintedToken, Store } from "./store.ts";

/** A user of a test, or a session of a role, with keys that work at once. */
export interface IdentityFixture {
  readonly name: string;
  /** Of the user or the role. */
  readonly arn: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of a role's session only. */
  readonly sessionToken?: string;
  readonly principal: Principal;
  /** A registry token, and the password in it, as GetAuthorizationToken answers it. */
  mintToken(): MintedToken & { readonly password: string };
}

export interface CreateRoleOptions {
  /** Who may assume it. Default: every principal of its own account that may `sts:AssumeRole`. */
  readonly trustPolicy?: unknown;
}

/** Sets up one account for a test. */
export interface AccountFixture {
  readonly id: string;
  createUser(name: string, policies?: readonly unknown[]): IdentityFixture;
  createRole(name: string, policies?: readonly unknown[], options?: CreateRoleOptions): IdentityFixture;
  /** A user who may do everything; always the same one. */
  admin(): IdentityFixture;
  joinOrganization(organizationId: string): void;
  /** The account setting that lets blobs be mounted, in one region. */
  setBlobMounting(region: string, value: "ENABLED" | "DISABLED"): void;
}

const sessionLifetimeMs = 60 * 60 * 1000;
const everything = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
};

export function accountFixture(store: Store, id: string): AccountFixture {
  store.account(id);
  let admin: IdentityFixture | undefined;
  const fixture: AccountFixture = {
    id,
    createUser(name, policies = []) {
      const { accessKeyId } = store.identities.addUser({ accountId: id, name, policies });
      return withKeys(store, name, store.identities.findKey(accessKeyId));
    },
    createRole(name, policies = [], options = {}) {
      const trustPolicy = options.trustPolicy ?? trustOf(id);
      const role = store.identities.addRole({ accountId: id, name, policies, trustPolicy });
      const expiresAt = store.clock.now() + sessionLifetimeMs;
      return withKeys(
        store,
        name,
        store.identities.startSession({ role, sessionName: "fixture", expiresAt }),
      );
    },
    admin() {
      admin ??= fixture.createUser("admin", [everything]);
      return admin;
    },
    joinOrganization(organizationId) {
      store.identities.joinOrganization(id, organizationId);
    },
    setBlobMounting(region, value) {
      store.region(id, region).settings.BLOB_MOUNTING = value;
    },
  };
  return fixture;
}

function trustOf(accountId: string): object {
  return {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: `arn:aws:iam::${accountId}:root` } },
    ],
  };
}

function withKeys(store: Store, name: string, key: IssuedKey | undefined): IdentityFixture {
  if (key === undefined) throw new Error(`No key was issued for ${name}`);
  const { identity, accessKeyId, secretAccessKey, sessionToken } = key;
  return {
    name,
    arn: identity.principal.roleArn ?? identity.principal.arn,
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
    principal: identity.principal,
    mintToken() {
      const token = store.mintToken(identity);
      const pair = Buffer.from(token.authorizationToken, "base64").toString();
      return { ...token, password: pair.slice(pair.indexOf(":") + 1) };
    },
  };
}
