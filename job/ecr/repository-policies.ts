import type { Clock } from "../async/clock.ts";
import { mapConcurrent } from "../async/map-concurrent.ts";
import { retry } from "../async/retry.ts";
import { asPromoterError, PromoterError } from "../error.ts";
import type { Waiting } from "../oci/content.ts";
import type { EcrApi, EcrClients } from "./api.ts";
import { findRepositories } from "./find-repositories.ts";
import { type MergedPolicy, mergeStatements } from "./policy/merge-statement.ts";
import type { OwnedStatement, PolicyDocument } from "./policy/policy-document.ts";
import { policyText } from "./policy/policy-text.ts";
import { readResourcePolicy } from "./policy/read-policy.ts";
import type { EcrRegistryHost } from "./registry-host.ts";

/** A repository whose policy is to have our statements. */
export interface PolicyTarget {
  readonly api: EcrApi;
  readonly repository: string;
  readonly statements: readonly OwnedStatement[];
}

/** What is, was, or would be done with the policy of one repository. */
export interface PolicyOutcome {
  /** With its host. */
  readonly repository: string;
  /** `refused`: its policy cannot be merged. `skipped`: nothing is written because another one's was refused. */
  readonly status: "up-to-date" | "to-update" | "updated" | "refused" | "skipped" | "failed";
  /** What there was; absent where there was none, or it could not be read. */
  readonly before?: PolicyDocument;
  readonly merged?: MergedPolicy;
  readonly error?: PromoterError;
}

export interface PolicyWork extends Waiting {
  readonly clock: Clock;
  /** How many repositories are worked on at the same time. */
  readonly concurrency: number;
}

/** The policies of the repositories of all registries. */
export interface RepositoryPolicies {
  /** The repositories that names and patterns stand for, with the API that they are reached by. @throws as {@link findRepositories}. */
  find(host: EcrRegistryHost, wanted: readonly string[], waiting?: Waiting): Promise<FoundRepositories>;
  plan(targets: readonly PolicyTarget[], work: PolicyWork): Promise<readonly PolicyOutcome[]>;
  apply(targets: readonly PolicyTarget[], work: PolicyWork): Promise<readonly PolicyOutcome[]>;
}

export interface FoundRepositories {
  readonly api: EcrApi;
  readonly repositories: readonly string[];
}

export function repositoryPolicies(clients: EcrClients): RepositoryPolicies {
  return {
    async find(host, wanted, waiting) {
      const api = await clients.forHost(host);
      return { api, repositories: await findRepositories(api, wanted, waiting) };
    },
    plan: planPolicies,
    apply: applyPolicies,
  };
}

/** On top of what the SDK repeats by itself. */
const patience = { attempts: 3, baseMs: 500, maxMs: 5_000 };

/** Reads the policies and says what would be done; writes nothing. */
export async function planPolicies(
  targets: readonly PolicyTarget[],
  work: PolicyWork,
): Promise<readonly PolicyOutcome[]> {
  return mapConcurrent(targets, work.concurrency, (target) =>
    attempt(target, work, () => plan(target, work)),
  );
}

/**
 * Sees that each repository's policy has our statements. All policies are read first: where one cannot be merged, none
 * is written. Right before it is written each is read again, so that what somebody changed in between is kept.
 */
export async function applyPolicies(
  targets: readonly PolicyTarget[],
  work: PolicyWork,
): Promise<readonly PolicyOutcome[]> {
  const planned = await planPolicies(targets, work);
  if (planned.some(({ status }) => status === "refused")) {
    return planned.map((outcome) =>
      outcome.status === "to-update" ? { ...outcome, status: "skipped" } : outcome,
    );
  }
  const pending = [...planned.entries()].flatMap(([position, outcome]) => {
    const target = targets[position];
    return target === undefined ? [] : [{ outcome, target }];
  });
  return mapConcurrent(pending, work.concurrency, async ({ outcome, target }) =>
    outcome.status === "to-update" ? attempt(target, work, () => write(target, work)) : outcome,
  );
}

async function plan(target: PolicyTarget, waiting: Waiting): Promise<PolicyOutcome> {
  return merge(target, await target.api.getRepositoryPolicy(target.repository, waiting));
}

async function write(target: PolicyTarget, waiting: Waiting): Promise<PolicyOutcome> {
  const outcome = await plan(target, waiting);
  if (outcome.status !== "to-update" || outcome.merged === undefined) return outcome;
  const text = policyText(outcome.merged.policy, subjectOf(target));
  await target.api.setRepositoryPolicy(target.repository, text, waiting);
  return { ...outcome, status: "updated" };
}

/** What has to change, where the policy can be understood and what comes of it is not too long. */
function merge(target: PolicyTarget, text: string | undefined): PolicyOutcome {
  const repository = nameOf(target);
  try {
    const before = text === undefined ? undefined : readResourcePolicy(text, repository);
    const merged = mergeStatements(before, target.statements);
    if (merged.changed) policyText(merged.policy, subjectOf(target));
    const status = merged.changed ? "to-update" : "up-to-date";
    return { repository, status, merged, ...(before && { before }) };
  } catch (error) {
    return { repository, status: "refused", error: asPromoterError(error) };
  }
}

async function attempt(
  target: PolicyTarget,
  { clock, signal }: PolicyWork,
  work: () => Promise<PolicyOutcome>,
): Promise<PolicyOutcome> {
  const retryable = (error: unknown) => error instanceof PromoterError && error.temporary;
  try {
    return await retry(work, { ...patience, clock, retryable, ...(signal && { signal }) });
  } catch (error) {
    signal?.throwIfAborted();
    return { repository: nameOf(target), status: "failed", error: asPromoterError(error) };
  }
}

function nameOf({ api, repository }: PolicyTarget): string {
  return `${api.host.host}/${repository}`;
}

function subjectOf(target: PolicyTarget): string {
  return `the policy of ${nameOf(target)}`;
}
