import type * as z from "zod";
import { closestName } from "./closest-name.ts";

/** One thing that is wrong with a configuration. */
export interface Complaint {
  readonly path: readonly PropertyKey[];
  /** Whether the key at the path is meant, or what stands behind it. */
  readonly place: "key" | "value";
  /** A sentence that does not repeat the value. */
  readonly message: string;
  readonly hint?: string;
}

type Issue = z.core.$ZodIssue;

export interface ComplaintContext {
  /** What was checked. */
  readonly value: unknown;
  /** The fields that may stand at a path. */
  readonly fieldsAt: (path: readonly PropertyKey[]) => readonly string[];
}

/** What a failed check says, in words for people; of a choice between forms, about the form that was written. */
export function complaintsOf(issues: readonly Issue[], context: ComplaintContext): Complaint[] {
  return issues.flatMap((issue) => complaintsOfIssue(issue, context));
}

function complaintsOfIssue(issue: Issue, context: ComplaintContext): Complaint[] {
  const { path } = issue;
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownField(path, key, context));
    case "invalid_union": {
      if (valueAt(context.value, path) === undefined) return [missing(path)];
      const inner = meantForm(issue.errors);
      if (inner === undefined) return [value(path, `Expected ${kindsOf(issue.errors).join(" or ")}`)];
      return complaintsOf(
        inner.map((nested): Issue => ({ ...nested, path: [...path, ...nested.path] })),
        context,
      );
    }
    case "invalid_type":
      return [wrongType(path, issue.expected, context.value)];
    case "invalid_value":
      if (valueAt(context.value, path) === undefined) return [missing(path)];
      return [value(path, `Expected ${issue.values.map(String).join(" or ")}`)];
    case "invalid_key":
      return [{ path, place: "key", message: issue.issues[0]?.message ?? issue.message }];
    case "custom": {
      const hint = issue.params?.hint;
      return [{ ...value(path, issue.message), ...(typeof hint === "string" && { hint }) }];
    }
    default:
      return [value(path, issue.message)];
  }
}

/** Of the forms that a field may have, the one whose kind of value was written. */
function meantForm(forms: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const wrongKind = (issues: readonly Issue[]) =>
    issues.some((issue) => issue.code === "invalid_type" && issue.path.length === 0);
  return forms.find((issues) => !wrongKind(issues));
}

function kindsOf(forms: readonly (readonly Issue[])[]): string[] {
  return forms.flatMap(([issue]) => (issue?.code === "invalid_type" ? [kindOf(issue.expected)] : []));
}

function unknownField(path: readonly PropertyKey[], key: string, context: ComplaintContext): Complaint {
  const known = context.fieldsAt(path);
  const meant = closestName(key, known);
  const name = JSON.stringify(key.slice(0, 100));
  return {
    path: [...path, key],
    place: "key",
    message: `Unknown field ${name}${meant === undefined ? "" : `, did you mean ${JSON.stringify(meant)}?`}`,
    ...(known.length > 0 && { hint: `Known fields here: ${known.join(", ")}` }),
  };
}

const kinds: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "fields",
  record: "fields",
};

function wrongType(path: readonly PropertyKey[], expected: string, whole: unknown): Complaint {
  if (valueAt(whole, path) === undefined) return missing(path);
  return value(path, `Expected ${kindOf(expected)}`);
}

function kindOf(expected: string): string {
  return kinds[expected] ?? expected;
}

function missing(path: readonly PropertyKey[]): Complaint {
  return value(path.slice(0, -1), `The field ${JSON.stringify(String(path.at(-1)))} is missing`);
}

function value(path: readonly PropertyKey[], message: string): Complaint {
  return { path, place: "value", message };
}

function valueAt(whole: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    whole,
  );
}
