import { randomBytes } from "node:crypto";
import { secret } from "../secrets/ledger.ts";
import type { AccessKey, Identity, OidcProvider, Principal } from "./identity.ts";
import { newRepository, type Repository, type RepositorySettings } from "./repository.ts";

/** A template by which ECR creates repositories by itself. */
export interface CreationTemplate extends RepositorySettings {
  /** The beginning of the names that it applies to, or `ROOT` for all. */
  readonly prefix: string;
  readonly appliedFor: readonly ("REPLICATION" | "PULL_THROUGH_CACHE" | "CREATE_ON_PUSH")[];
  readonly description?: string;
  readonly customRoleArn?: string;
  /** Milliseconds since the epoch; default 0. */
  readonly createdAt?: number;
  readonly updatedAt?: number;
}

/** What PutAccountSetting sets. */
export interface AccountSettings {
  BLOB_MOUNTING: "ENABLED" | "DISABLED";
  BASIC_SCAN_TYPE_VERSION: "AWS_NATIVE" | "CLAIR";
  REGISTRY_POLICY_SCOPE: "V1" | "V2";
}

/** One registry: what an account has in one region. */
export interface Region {
  readonly name: string;
  readonly repositories: Map<string, Repository>;
  readonly creationTemplates: Map<string, CreationTemplate>;
  registryPolicyText?: string;
  /** The document of PutReplicationConfiguration. */
  replicationConfiguration?: object;
  /** Account settings are kept per region, as ECR does. */
  readonly settings: AccountSettings;
}

export interface Account {
  readonly id: string;
  organizationId?: string;
  readonly regions: Map<string, Region>;
  /** Users and roles by ARN. */
  readonly identities: Map<string, Identity>;
  /** By ARN. */
  readonly oidcProviders: Map<string, OidcProvider>;
}

/** A token of GetAuthorizationToken. */
export interface MintedToken {
  /** `AWS:<password>` in base64, as the API answers it. */
  readonly authorizationToken: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** What a password of Basic authentication turned out to be. */
export type TokenCheck =
  | { readonly state: "valid"; readonly principal: Principal }
  | { readonly state: "expired" }
  | { readonly state: "unknown" };

export interface StoreOptions {
  readonly clock: { now(): number };
  /** Milliseconds. Default 12 hours. */
  readonly tokenLifetimeMs?: number;
}

const twelveHoursMs = 12 * 60 * 60 * 1000;

/** Everything that the emulator knows: accounts, registries, identities and tokens. Knows no HTTP. */
export class Store {
  readonly accounts: Map<string, Account> = new Map();
  /** By access key id, of all accounts. */
  readonly accessKeys: Map<string, AccessKey> = new Map();
  readonly clock: { now(): number };
  tokenLifetimeMs: number;
  readonly #tokens = new Map<string, { readonly principal: Principal; expiresAt: number }>();

  constructor(options: StoreOptions) {
    this.clock = options.clock;
    this.tokenLifetimeMs = options.tokenLifetimeMs ?? twelveHoursMs;
  }

  /** The account, made when it was not there. */
  account(id: string): Account {
    return getOrMake(this.accounts, id, () => ({
      id,
      regions: new Map(),
      identities: new Map(),
      oidcProviders: new Map(),
    }));
  }

  /** The registry, made when it was not there. */
  region(accountId: string, name: string): Region {
    return getOrMake(this.account(accountId).regions, name, () => ({
      name,
      repositories: new Map(),
      creationTemplates: new Map(),
      settings: {
        BLOB_MOUNTING: "DISABLED",
        BASIC_SCAN_TYPE_VERSION: "AWS_NATIVE",
        REGISTRY_POLICY_SCOPE: "V2",
      },
    }));
  }

  findRepository(accountId: string, region: string, name: string): Repository | undefined {
    return this.accounts.get(accountId)?.regions.get(region)?.repositories.get(name);
  }

  /** Makes a repository, in place of any of this name. */
  createRepository(
    accountId: string,
    region: string,
    name: string,
    settings: RepositorySettings = {},
  ): Repository {
    const repository = newRepository({ accountId, region, name }, settings, this.clock.now());
    this.region(accountId, region).repositories.set(name, repository);
    return repository;
  }

  /** The creation template with the longest prefix that applies to `name`; `ROOT` applies to every name. */
  creationTemplateFor(
    accountId: string,
    region: string,
    name: string,
    purpose: CreationTemplate["appliedFor"][number],
  ): CreationTemplate | undefined {
    return [...this.region(accountId, region).creationTemplates.values()]
      .filter(({ appliedFor }) => appliedFor.includes(purpose))
      .filter(({ prefix }) => prefix === "ROOT" || name.startsWith(`${prefix.replace(/\/$/, "")}/`))
      .sort((one, other) => prefixLength(other) - prefixLength(one))[0];
  }

  /** The user or role whose policies count for `principal`; none for an account's root, which may do everything. */
  identityOf(principal: Principal): Identity | undefined {
    return this.accounts.get(principal.accountId)?.identities.get(principal.roleArn ?? principal.arn);
  }

  /** Keeps a new access key; with an `expiresAt` it is a session's, and has a session token. */
  issueAccessKey(principal: Principal, expiresAt?: number): AccessKey {
    const key: AccessKey = {
      accessKeyId: `${expiresAt === undefined ? "AKIA" : "ASIA"}${randomBytes(8).toString("hex").toUpperCase()}`,
      secretAccessKey: secret(randomBytes(30).toString("base64")),
      ...(expiresAt !== undefined && { expiresAt, sessionToken: secret(randomBytes(96).toString("base64")) }),
      principal,
    };
    this.accessKeys.set(key.accessKeyId, key);
    return key;
  }

  /** A token of `principal`, good for every registry that it may reach. */
  mintToken(principal: Principal, now: number = this.clock.now()): MintedToken {
    const password = secret(randomBytes(48).toString("base64url"));
    const expiresAt = now + this.tokenLifetimeMs;
    this.#tokens.set(password, { principal, expiresAt });
    return { authorizationToken: secret(Buffer.from(`AWS:${password}`).toString("base64")), expiresAt };
  }

  checkToken(password: string, now: number = this.clock.now()): TokenCheck {
    const token = this.#tokens.get(password);
    if (token === undefined) return { state: "unknown" };
    return token.expiresAt <= now ? { state: "expired" } : { state: "valid", principal: token.principal };
  }

  /** Ends the life of every token that was minted up to now. */
  expireTokens(): void {
    for (const token of this.#tokens.values()) token.expiresAt = Math.min(token.expiresAt, this.clock.now());
  }
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

function prefixLength({ prefix }: CreationTemplate): number {
  return prefix === "ROOT" ? 0 : prefix.length;
}
