import type { OwnedStatement, PolicyDocument, PolicyStatement } from "./policy-document.ts";
import { policyOf } from "./policy-document.ts";
import { isSameStatement } from "./same-statement.ts";

/** What becomes of one statement of ours. */
export interface StatementDiff {
  readonly sid: string;
  readonly change: "added" | "changed" | "unchanged";
  /** What stood there under its Sid. */
  readonly before?: PolicyStatement;
  readonly after: PolicyStatement;
}

export interface MergedPolicy {
  readonly policy: PolicyDocument;
  /** Whether the policy has to be written. */
  readonly changed: boolean;
  readonly diff: readonly StatementDiff[];
}

/**
 * Puts our statements into a policy, each in the place of the one with its Sid, or at the end. Everybody else's stay
 * as they are and where they are; a statement that means the same already stays as it is written. Merging again
 * changes nothing.
 *
 * @param policy what there is; undefined for none.
 * @param statements ours, each with a Sid of its own.
 */
export function mergeStatements(
  policy: PolicyDocument | undefined,
  statements: readonly OwnedStatement[],
): MergedPolicy {
  const existing = policy?.Statement ?? [];
  const diff = statements.map((after) => compare(existing, after));
  const changed = diff.some(({ change }) => change !== "unchanged");
  if (policy !== undefined && !changed) return { policy, changed, diff };
  const ours = new Map(diff.map((entry) => [entry.sid, entry.after]));
  const kept = existing.map((statement) => ours.get(statement.Sid ?? "") ?? statement);
  const added = diff.filter(({ change }) => change === "added").map(({ after }) => after);
  const merged = [...kept, ...added];
  return {
    policy: policy === undefined ? policyOf(...merged) : { ...policy, Statement: merged },
    changed,
    diff,
  };
}

function compare(existing: readonly PolicyStatement[], after: OwnedStatement): StatementDiff {
  const sid = after.Sid;
  const before = existing.find((statement) => statement.Sid === sid);
  if (before === undefined) return { sid, change: "added", after };
  if (isSameStatement(before, after)) return { sid, change: "unchanged", before, after: before };
  return { sid, change: "changed", before, after };
}
