/** One text or several, as policies have them in many places. */
export type Strings = string | readonly string[];

type ConditionValue = string | number | boolean;

/** Operators, their keys, and the values of those: all of them must hold. */
export type Conditions = Readonly<
  Record<string, Readonly<Record<string, ConditionValue | readonly ConditionValue[]>>>
>;

/** Everybody, or names by their kind: `AWS`, `Service`, `Federated`. */
export type Principals = "*" | Readonly<Record<string, Strings>>;

/**
 * One statement of a policy, as it is written.
 * {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html}
 */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  /** Who is meant; absent in identity policies. */
  readonly Principal?: Principals;
  readonly NotPrincipal?: Principals;
  readonly Action?: Strings;
  readonly NotAction?: Strings;
  /** Absent in repository and trust policies, which are about what they hang on. */
  readonly Resource?: Strings;
  readonly NotResource?: Strings;
  readonly Condition?: Conditions;
}

/** A statement by whose `Sid` we know it again as ours. */
export type OwnedStatement = PolicyStatement & { readonly Sid: string };

export interface PolicyDocument {
  readonly Version?: "2012-10-17" | "2008-10-17";
  readonly Id?: string;
  readonly Statement: readonly PolicyStatement[];
}

/** A policy of the current version of the language. */
export function policyOf(...statements: readonly PolicyStatement[]): PolicyDocument {
  return { Version: "2012-10-17", Statement: statements };
}
