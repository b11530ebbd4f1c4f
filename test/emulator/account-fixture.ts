import { createHash } from "node:crypto";
import { type AccessKey, allowEverything, type Identity, type Principal } from "./identity.ts";
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
  /** The stored user or role: assign its `policies` to change what it may do from now on. */
  readonly identity: Identity;
  /** A registry token, and the password in it, as GetAuthorizationToken answers it. */
  mintToken(): MintedToken & { readonly password: string };
}

export interface CreateRoleOptions {
  /** Who may assume it. Default: every principal of its own account that may `sts:AssumeRole`. */
  readonly trustPolicy?: object;
}

/** Sets up one account for a test. */
export interface AccountFixture {
  readonly id: string;
  createUser(name: string, policies?: readonly object[]): IdentityFixture;
  createRole(name: string, policies?: readonly object[], options?: CreateRoleOptions): IdentityFixture;
  /** A user who may do everything; always the same one. */
  admin(): IdentityFixture;
  joinOrganization(organizationId: string): void;
  /** The account setting that lets blobs be mounted, in one region. */
  setBlobMounting(region: string, value: "ENABLED" | "DISABLED"): void;
}

const sessionLifetimeMs = 60 * 60 * 1000;
export function accountFixture(store: Store, id: string): AccountFixture {
  const account = store.account(id);
  let admin: IdentityFixture | undefined;
  const fixture: AccountFixture = {
    id,
    createUser(name, policies = []) {
      const arn = `arn:aws:iam::${id}:user/${name}`;
      const identity = addIdentity(store, { ...noted(id, name, arn, policies), kind: "user" });
      const key = store.issueAccessKey({ kind: "user", arn, accountId: id, userId: uniqueId("AIDA", arn) });
      return withKey(store, identity, key);
    },
    createRole(name, policies = [], options = {}) {
      const arn = `arn:aws:iam::${id}:role/${name}`;
      const trustPolicy = options.trustPolicy ?? trustOf(id);
      const identity = addIdentity(store, { ...noted(id, name, arn, policies), kind: "role", trustPolicy });
      const session = `arn:aws:sts::${id}:assumed-role/${name}/fixture`;
      const userId = `${uniqueId("AROA", arn)}:fixture`;
      const principal = { kind: "assumed-role", arn: session, accountId: id, roleArn: arn, userId } as const;
      return withKey(store, identity, store.issueAccessKey(principal, store.clock.now() + sessionLifetimeMs));
    },
    admin() {
      admin ??= fixture.createUser("admin", [allowEverything]);
      return admin;
    },
    joinOrganization(organizationId) {
      account.organizationId = organizationId;
    },
    setBlobMounting(region, value) {
      store.region(id, region).settings.BLOB_MOUNTING = value;
    },
  };
  return fixture;
}

function addIdentity(store: Store, identity: Identity): Identity {
  store.account(identity.accountId).identities.set(identity.arn, identity);
  return identity;
}

function noted(accountId: string, name: string, arn: string, policies: readonly object[]) {
  return { accountId, name, arn, policies: [...policies], tags: new Map<string, string>() };
}

/** An id of the length that IAM's have, the same for the same ARN. */
export function uniqueId(prefix: string, arn: string): string {
  return prefix + createHash("sha256").update(arn).digest("hex").slice(0, 17).toUpperCase();
}

function trustOf(accountId: string): object {
  const root = `arn:aws:iam::${accountId}:root`;
  return {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: root } }],
  };
}

function withKey(store: Store, identity: Identity, key: AccessKey): IdentityFixture {
  const { accessKeyId, secretAccessKey, sessionToken, principal } = key;
  return {
    name: identity.name,
    arn: identity.arn,
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
    principal,
    identity,
    mintToken() {
      const token = store.mintToken(principal);
      const pair = Buffer.from(token.authorizationToken, "base64").toString();
      return { ...token, password: pair.slice(pair.indexOf(":") + 1) };
    },
  };
}
