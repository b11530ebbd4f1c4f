import { isObject } from "../oci/descriptor.ts";
import { matchesWildcard } from "../oci/wildcard.ts";

/**
 * One rule of a lifecycle policy.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html}
 */
export interface LifecycleRule {
  readonly priority: number;
  readonly tagStatus: "tagged" | "untagged" | "any";
  /** An image is selected when each of them fits one of its tags. */
  readonly tagPrefixes: readonly string[];
  readonly tagPatterns: readonly string[];
  readonly countType: string;
  /** Images, or days. */
  readonly countNumber: number;
  /** What happens to the images: `expire`, or `transition` to the archive. */
  readonly action: "expire" | "transition";
}

/** Reads a lifecycle policy, first rule first. A document that ECR would not have taken has no rules. */
export function readLifecyclePolicy(text: string): readonly LifecycleRule[] {
  const rules = parseRules(text).flatMap((rule) => readRule(rule) ?? []);
  return rules.sort((one, other) => one.priority - other.priority);
}

/**
 * The rule that decides about an image with these tags: the first whose tags fit, for later ones never touch what an
 * earlier one has selected. Expiring and archiving are decided apart.
 */
export function decidingRules(
  rules: readonly LifecycleRule[],
  tags: readonly string[],
): readonly LifecycleRule[] {
  const first = (action: LifecycleRule["action"]) =>
    rules.find((rule) => rule.action === action && selects(rule, tags));
  return [first("expire"), first("transition")].filter((rule) => rule !== undefined);
}

function selects(rule: LifecycleRule, tags: readonly string[]): boolean {
  switch (rule.tagStatus) {
    case "any":
      return true;
    case "untagged":
      return tags.length === 0;
    case "tagged":
      return (
        tags.length > 0 &&
        rule.tagPrefixes.every((prefix) => tags.some((tag) => tag.startsWith(prefix))) &&
        rule.tagPatterns.every((pattern) => tags.some((tag) => matchesWildcard(pattern, tag)))
      );
    default:
      return rule.tagStatus satisfies never;
  }
}

function parseRules(text: string): unknown[] {
  try {
    const document: unknown = JSON.parse(text);
    return isObject(document) && Array.isArray(document.rules) ? document.rules : [];
  } catch {
    return [];
  }
}

function readRule(rule: unknown): LifecycleRule | undefined {
  if (!isObject(rule) || !isObject(rule.selection)) return undefined;
  const { selection, action } = rule;
  const { tagStatus, countType, countNumber, storageClass } = selection;
  const type = isObject(action) ? action.type : undefined;
  // Rules about the archive do not touch what runs.
  if (storageClass === "archive") return undefined;
  if (tagStatus !== "tagged" && tagStatus !== "untagged" && tagStatus !== "any") return undefined;
  if (type !== "expire" && type !== "transition") return undefined;
  return {
    priority: Number(rule.rulePriority),
    tagStatus,
    tagPrefixes: strings(selection.tagPrefixList),
    tagPatterns: strings(selection.tagPatternList),
    countType: String(countType),
    countNumber: Number(countNumber),
    action: type,
  };
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((member) => typeof member === "string") : [];
}
