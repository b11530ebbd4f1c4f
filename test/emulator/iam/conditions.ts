import { conditionOperators } from "./condition-operators.ts";
import type { Condition } from "./policy-document.ts";
import type { Variables } from "./wildcard.ts";

/** What a request says of itself: condition keys, compared without regard to case, with one or several values. */
export type ConditionContext = Readonly<Record<string, string | readonly string[]>>;

/**
 * Whether conditions hold: `unknown` where an operator or a value is not understood, which the caller must take for
 * the safe side (an Allow does not apply, a Deny does).
 */
export type ConditionResult = boolean | "unknown";

interface Qualified {
  readonly name: string;
  readonly quantifier: "ForAnyValue" | "ForAllValues" | undefined;
  readonly ifExists: boolean;
}

/** All conditions together: one that fails settles it, whatever the others are. */
export function evaluateConditions(
  conditions: readonly Condition[],
  context: ConditionContext,
  variables?: Variables,
): ConditionResult {
  const results = conditions.map((condition) => evaluateCondition(condition, context, variables));
  if (results.includes(false)) return false;
  return results.includes("unknown") ? "unknown" : true;
}

/** The values of a condition key; undefined when the request has none. */
export function contextValues(context: ConditionContext, key: string): readonly string[] | undefined {
  const wanted = key.toLowerCase();
  for (const [name, value] of Object.entries(context)) {
    if (name.toLowerCase() === wanted) return typeof value === "string" ? [value] : value;
  }
  return undefined;
}

function evaluateCondition(
  condition: Condition,
  context: ConditionContext,
  variables: Variables | undefined,
): ConditionResult {
  const { name, quantifier, ifExists } = readOperator(condition.operator);
  const actual = contextValues(context, condition.key);
  if (name === "Null") return condition.values.includes(String(actual === undefined));
  const operator = conditionOperators.get(name);
  if (operator === undefined) return "unknown";
  if (actual === undefined) {
    return ifExists || quantifier === "ForAllValues" || (operator.negated && quantifier === undefined);
  }
  const outcomes = actual.map((value) => {
    const matches = condition.values.map((wanted) => operator.matches(value, wanted, variables));
    if (matches.includes(true)) return !operator.negated;
    return matches.includes(undefined) ? "unknown" : operator.negated;
  });
  // Several values under an operator for one: a negated operator means none of them, another one any.
  const all = quantifier === "ForAllValues" || (quantifier === undefined && operator.negated);
  return combine(outcomes, all);
}

function combine(outcomes: readonly ConditionResult[], all: boolean): ConditionResult {
  if (outcomes.includes(!all)) return !all;
  return outcomes.includes("unknown") ? "unknown" : all;
}

/** An operator without its qualifiers: `StringLike` of `ForAnyValue:StringLikeIfExists`. */
export function operatorName(operator: string): string {
  return readOperator(operator).name;
}

function readOperator(text: string): Qualified {
  const colon = text.indexOf(":");
  const prefix = colon < 0 ? undefined : text.slice(0, colon);
  const rest = text.slice(colon + 1);
  const quantifier = prefix === "ForAnyValue" || prefix === "ForAllValues" ? prefix : undefined;
  const ifExists = rest.endsWith("IfExists");
  // An unknown prefix stays part of the name, so that the operator is unknown.
  const name = prefix !== undefined && quantifier === undefined ? text : ifExists ? rest.slice(0, -8) : rest;
  return { name, quantifier, ifExists };
}
