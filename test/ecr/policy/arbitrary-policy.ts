import fc from "fast-check";
import type { PolicyDocument, PolicyStatement, Strings } from "../../../job/ecr/policy/policy-document.ts";

const account = fc.constantFrom("111111111111", "222222222222", "arn:aws:iam::333333333333:root");
const action = fc.constantFrom("ecr:BatchGetImage", "ecr:PutImage", "ecr:*", "ecr:GetDownloadUrlForLayer");

function strings(member: fc.Arbitrary<string>): fc.Arbitrary<Strings> {
  return fc.oneof(member, fc.uniqueArray(member, { minLength: 1, maxLength: 3 }));
}

/** A statement of a repository's policy, without a Sid. */
export function anyStatement(): fc.Arbitrary<PolicyStatement> {
  return fc.record(
    {
      Effect: fc.constantFrom("Allow" as const, "Deny" as const),
      Principal: fc.oneof(
        fc.constant("*" as const),
        fc.record({ AWS: strings(account) }),
        fc.record({ Service: strings(fc.constantFrom("codebuild.amazonaws.com", "lambda.amazonaws.com")) }),
      ),
      Action: strings(action),
      Condition: fc.dictionary(
        fc.constantFrom("StringEquals", "StringLike", "Bool"),
        fc.dictionary(
          fc.constantFrom("aws:PrincipalOrgID", "aws:SourceArn", "aws:SecureTransport"),
          fc.oneof(fc.string({ minLength: 1 }), fc.boolean(), fc.uniqueArray(fc.string(), { minLength: 1 })),
          { minKeys: 1 },
        ),
        { minKeys: 1 },
      ),
    },
    { requiredKeys: ["Effect", "Principal", "Action"] },
  );
}

/** A repository's policy, with and without Sids, which are unique. */
export function anyPolicy(): fc.Arbitrary<PolicyDocument> {
  const sid = fc.constantFrom("OursOne", "OursTwo", "Build", "new statement", undefined);
  const statements = fc
    .array(fc.tuple(sid, anyStatement()), { minLength: 1, maxLength: 6 })
    .map((members) => {
      const seen = new Set<string>();
      return members.map(([Sid, statement]): PolicyStatement => {
        if (Sid === undefined || seen.has(Sid)) return statement;
        seen.add(Sid);
        return { Sid, ...statement };
      });
    });
  return fc.record(
    {
      Version: fc.constantFrom("2012-10-17" as const, "2008-10-17" as const),
      Id: fc.string(),
      Statement: statements,
    },
    { requiredKeys: ["Statement"] },
  );
}

/** The same statement as another hand would write it. */
export function rewritten(statement: PolicyStatement): PolicyStatement {
  const { Principal, Action, Condition } = statement;
  return {
    ...statement,
    ...(Principal === "*" && { Principal: { AWS: "*" } }),
    ...(typeof Principal === "object" && {
      Principal: Object.fromEntries(Object.entries(Principal).map(([kind, names]) => [kind, turned(names)])),
    }),
    ...(Action !== undefined && { Action: turned(Action) }),
    ...(Condition && {
      Condition: Object.fromEntries(
        Object.entries(Condition)
          .reverse()
          .map(([operator, keys]) => [
            operator,
            Object.fromEntries(Object.entries(keys).map(([key, values]) => [key.toUpperCase(), values])),
          ]),
      ),
    }),
  };
}

function turned(values: Strings): Strings {
  const written = [values].flat().map((value) => value.replace(/^(\d{12})$/, "arn:aws:iam::$1:root"));
  return written.length === 1 ? (written[0] ?? "") : written.reverse();
}
