import { identityPolicy } from "../ecr/policy/identity-policy.ts";
import { keyPolicyStatement } from "../ecr/policy/kms-statement.ts";
import {
  destinationLifecyclePolicy,
  type LifecyclePolicy,
  sourceLifecyclePolicy,
} from "../ecr/policy/lifecycle-policy.ts";
import { type PolicyDocument, policyOf } from "../ecr/policy/policy-document.ts";
import { managedPolicyLimit, policyText, trustPolicyLimit } from "../ecr/policy/policy-text.ts";
import { accountArn, type Pullers, pullStatement } from "../ecr/policy/pull-statement.ts";
import { registryPolicy } from "../ecr/policy/registry-policy.ts";
import { assumeRoleTrustPolicy } from "../ecr/policy/trust-policy.ts";
import { podTrustPolicy } from "./pod-trust.ts";
import {
  type DestinationScope,
  jobRoleArn,
  type PolicyOptions,
  partFor,
  promotesFrom,
  type SourceScope,
} from "./policy-scope.ts";

/** A role with what it may do and who may take it on. */
export interface RolePolicies {
  readonly name: string;
  /** Begins and ends with `/`. */
  readonly path: string;
  readonly arn: string;
  readonly identityPolicy: PolicyDocument;
  readonly trustPolicy: PolicyDocument;
}

/** What one source registry needs. */
export interface SourcePolicies {
  /** `source-111111111111-eu-west-1` */
  readonly name: string;
  readonly scope: SourceScope;
  /** Of each repository, or of the registry in place of them all; absent where a role is taken on, or nobody else pulls. */
  readonly pull?: { readonly repositoryPolicy: PolicyDocument; readonly registryPolicy: PolicyDocument };
  readonly role?: RolePolicies;
  readonly lifecycle?: LifecyclePolicy;
}

/** What one destination account needs, whatever its regions. */
export interface DestinationPolicies {
  /** `destination-222222222222` */
  readonly name: string;
  readonly accountId: string;
  readonly scopes: readonly DestinationScope[];
  readonly role: RolePolicies;
  /** For the policies of encryption keys that do not leave the decision to IAM. */
  readonly keyPolicy?: PolicyDocument;
  readonly lifecycle?: LifecyclePolicy;
}

export interface PolicySet {
  readonly sources: readonly SourcePolicies[];
  readonly destinations: readonly DestinationPolicies[];
}

/**
 * Every policy that promotion between these registries takes.
 *
 * @throws {PromoterError} `InvalidConfiguration` for a policy longer than AWS takes, `Usage` for a provider that is none.
 */
export function policySet(options: PolicyOptions): PolicySet {
  const accounts = Map.groupBy(options.destinations, ({ accountId }) => accountId);
  return {
    sources: options.sources.map((source) => sourcePolicies(source, options)),
    destinations: [...accounts.values()].map((scopes) => destinationPolicies(scopes, options)),
  };
}

function sourcePolicies(scope: SourceScope, options: PolicyOptions): SourcePolicies {
  const { reads, scans, sid, lifecycle } = options;
  const name = `source-${scope.accountId}-${scope.region}`;
  const pullers = pullersOf(scope, options);
  const statement = pullers && pullStatement(pullers, { reads, scans, ...(sid !== undefined && { sid }) });
  return {
    name,
    scope,
    ...(isFirstWithRole(scope, options) && { role: sourceRole(scope.role, options) }),
    ...(statement && {
      pull: {
        repositoryPolicy: checked(policyOf(statement), `the repository policy of ${name}`),
        registryPolicy: checked(registryPolicy(statement, scope), `the registry policy of ${name}`),
      },
    }),
    ...(lifecycle && { lifecycle: sourceLifecyclePolicy() }),
  };
}

/** Within one account the Job's own policy is enough. */
function pullersOf(scope: SourceScope, options: PolicyOptions): Pullers | undefined {
  const { pullers, destinations } = options;
  if (scope.role !== undefined) return undefined;
  if (typeof pullers === "object") return pullers;
  const others = destinations.filter(
    (destination) => destination.accountId !== scope.accountId && promotesFrom(destination, scope),
  );
  const principals = others.map((place) =>
    pullers === "roles" ? jobRoleArn(place, options) : accountArn(place.accountId, place.partition),
  );
  return principals.length === 0 ? undefined : { principals: [...new Set(principals)] };
}

/** A role that serves several regions of its account is made once. */
function isFirstWithRole(scope: SourceScope, { sources }: PolicyOptions): scope is ScopeWithRole {
  return scope.role !== undefined && sources.find(({ role }) => role?.arn === scope.role?.arn) === scope;
}

type ScopeWithRole = SourceScope & Required<Pick<SourceScope, "role">>;

function sourceRole({ arn, externalId }: ScopeWithRole["role"], options: PolicyOptions): RolePolicies {
  const { sources, destinations, reads, scans, trust } = options;
  const own = sources.filter((source) => source.role?.arn === arn);
  const callers = destinations.filter((place) => own.some((source) => promotesFrom(place, source)));
  const principals = [...new Set(callers.map((place) => jobRoleArn(place, options)))];
  return role(
    arn,
    identityPolicy({ sources: own, destinations: [], reads, scans }),
    assumeRoleTrustPolicy({
      principals,
      passesTags: trust.kind === "pod-identity",
      ...(externalId !== undefined && { externalId }),
    }),
  );
}

function destinationPolicies(
  scopes: readonly DestinationScope[],
  options: PolicyOptions,
): DestinationPolicies {
  const { createRepositories, reads, scans, signingKey, expireUntaggedDays, trust } = options;
  const sources = options.sources.filter((source) => scopes.some((scope) => promotesFrom(scope, source)));
  const [place] = scopes;
  const [accountId, arn] = place ? [place.accountId, jobRoleArn(place, options)] : ["", ""];
  const assumeRoles = [...new Set(sources.flatMap((source) => source.role?.arn ?? []))];
  const own = sources.filter((source) => source.role === undefined).map((source) => partFor(scopes, source));
  const identity = identityPolicy({
    sources: own,
    destinations: scopes,
    assumeRoles,
    passesTags: trust.kind === "pod-identity",
    createRepositories,
    reads,
    scans,
    ...(signingKey !== undefined && { signingKey }),
  });
  const lifecycle = destinationLifecyclePolicy(
    expireUntaggedDays === undefined ? {} : { untaggedDays: expireUntaggedDays },
  );
  const encrypts = createRepositories !== false && (createRepositories.kmsKeys ?? []).length > 0;
  return {
    name: `destination-${accountId}`,
    accountId,
    scopes,
    role: role(arn, identity, podTrustPolicy(trust, { accountId, partition: place?.partition ?? "aws" })),
    ...(encrypts && place && { keyPolicy: policyOf(keyPolicyStatement(place, [arn])) }),
    ...(lifecycle && { lifecycle }),
  };
}

function role(arn: string, identity: PolicyDocument, trust: PolicyDocument): RolePolicies {
  const [, path = "/", name = ""] = /^[^/]*:role(\/(?:.+\/)?)([^/]+)$/.exec(arn) ?? [];
  return {
    name,
    path,
    arn,
    identityPolicy: checked(identity, `the identity policy of ${arn}`, managedPolicyLimit),
    trustPolicy: checked(trust, `the trust policy of ${arn}`, trustPolicyLimit),
  };
}

function checked(policy: PolicyDocument, subject: string, limit?: number): PolicyDocument {
  policyText(policy, subject, limit);
  return policy;
}
