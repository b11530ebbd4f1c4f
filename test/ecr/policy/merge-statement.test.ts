import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeStatements } from "../../../job/ecr/policy/merge-statement.ts";
import type { OwnedStatement, PolicyDocument } from "../../../job/ecr/policy/policy-document.ts";
import { pullStatement } from "../../../job/ecr/policy/pull-statement.ts";
import { readResourcePolicy } from "../../../job/ecr/policy/read-policy.ts";
import { anyPolicy, anyStatement, rewritten } from "./arbitrary-policy.ts";

const ours = pullStatement({ principals: ["arn:aws:iam::222222222222:root"] });
const theirs = { Sid: "Build", Effect: "Allow", Principal: "*", Action: "ecr:PutImage" } as const;

describe("merging a statement into a policy", () => {
  it("makes a policy where there is none", () => {
    const { policy, changed, diff } = mergeStatements(undefined, [ours]);
    expect(policy).toEqual({ Version: "2012-10-17", Statement: [ours] });
    expect(changed).toBe(true);
    expect(diff).toEqual([{ sid: "ImagePromoterPull", change: "added", after: ours }]);
  });

  it("puts it at the end, and keeps version and id", () => {
    const before: PolicyDocument = { Version: "2008-10-17", Id: "mine", Statement: [theirs] };
    expect(mergeStatements(before, [ours]).policy).toEqual({ ...before, Statement: [theirs, ours] });
  });

  it("replaces the one with its Sid where it stands", () => {
    const old = pullStatement({ principals: ["arn:aws:iam::333333333333:root"] });
    const before: PolicyDocument = { Version: "2012-10-17", Statement: [old, theirs] };
    const { policy, diff } = mergeStatements(before, [ours]);
    expect(policy.Statement).toEqual([ours, theirs]);
    expect(diff).toEqual([{ sid: "ImagePromoterPull", change: "changed", before: old, after: ours }]);
  });

  it("leaves alone what means the same already", () => {
    const written = {
      ...ours,
      Principal: { AWS: "222222222222" },
      Action: [...(ours.Action ?? [])].reverse(),
    };
    const before: PolicyDocument = { Version: "2012-10-17", Statement: [written] };
    const merged = mergeStatements(before, [ours]);
    expect(merged).toMatchObject({ changed: false, diff: [{ change: "unchanged" }] });
    expect(merged.policy).toBe(before);
  });

  it("has nothing to do for no statements", () => {
    const before: PolicyDocument = { Statement: [theirs] };
    expect(mergeStatements(before, [])).toEqual({ policy: before, changed: false, diff: [] });
  });
});

describe("whatever the policy", () => {
  const owned = fc
    .uniqueArray(
      fc
        .tuple(fc.constantFrom("OursOne", "OursTwo"), anyStatement())
        .map(([Sid, rest]) => ({ ...rest, Sid })),
      { selector: ({ Sid }) => Sid },
    )
    .map((statements): readonly OwnedStatement[] => statements);

  it("keeps the others' statements, equal and in order", () => {
    fc.assert(
      fc.property(anyPolicy(), owned, (policy, statements) => {
        const sids = new Set(statements.map(({ Sid }) => Sid));
        const foreign = ({ Statement }: PolicyDocument) =>
          Statement.filter(({ Sid }) => !sids.has(Sid ?? ""));
        const merged = mergeStatements(policy, statements).policy;
        expect(foreign(merged)).toEqual(foreign(policy));
        expect({ ...merged, Statement: [] }).toEqual({ ...policy, Statement: [] });
      }),
    );
  });

  it("has each of ours once afterwards", () => {
    fc.assert(
      fc.property(anyPolicy(), owned, (policy, statements) => {
        const merged = mergeStatements(policy, statements);
        for (const { Sid } of statements) {
          expect(merged.policy.Statement.filter((statement) => statement.Sid === Sid)).toHaveLength(1);
        }
        expect(merged.diff.map(({ sid }) => sid)).toEqual(statements.map(({ Sid }) => Sid));
      }),
    );
  });

  it("changes nothing when it is merged again, also after ECR has written it in its own way", () => {
    fc.assert(
      fc.property(anyPolicy(), owned, (policy, statements) => {
        const { policy: merged } = mergeStatements(policy, statements);
        const stored = readResourcePolicy(JSON.stringify(merged), "app");
        expect(stored).toEqual(merged);
        expect(mergeStatements(stored, statements).changed).toBe(false);
        const again = { ...stored, Statement: stored.Statement.map(rewritten) };
        expect(mergeStatements(again, statements)).toMatchObject({ changed: false, policy: again });
      }),
    );
  });
});
