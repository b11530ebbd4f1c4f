import type { PolicyStatement, Principals, Strings } from "./policy-document.ts";

/**
 * Whether two statements mean the same, however they are written: order and repetition in lists, one text or a list of
 * one, the case of actions and condition keys, an account by its number or by its root's ARN, `"*"` or `{"AWS": "*"}`,
 * a condition's `true` or `"true"`. ECR gives back a policy in its own writing.
 */
export function isSameStatement(one: PolicyStatement, other: PolicyStatement): boolean {
  return canonical(one) === canonical(other);
}

function canonical(statement: PolicyStatement): string {
  const { Sid, Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition } =
    statement;
  return JSON.stringify([
    Sid ?? "",
    Effect,
    Principal === undefined ? null : principals(Principal),
    NotPrincipal === undefined ? null : principals(NotPrincipal),
    Action === undefined ? null : members(Action, lowerCase),
    NotAction === undefined ? null : members(NotAction, lowerCase),
    Resource === undefined ? null : members(Resource),
    NotResource === undefined ? null : members(NotResource),
    byName(Condition ?? {}, (keys) => byName(keys, (values) => members(values), lowerCase)),
  ]);
}

function principals(named: Principals): unknown {
  return byName(named === "*" ? { AWS: "*" } : named, (names) => members(names, accountRoot));
}

function accountRoot(name: string): string {
  return /^arn:[a-z-]+:iam::(\d{12}):root$/.exec(name)?.[1] ?? name;
}

function members(
  values: Strings | number | boolean | readonly (string | number | boolean)[],
  write: (text: string) => string = (text) => text,
): string[] {
  const listed = Array.isArray(values) ? values : [values];
  return [...new Set(listed.map((value) => write(String(value))))].sort();
}

function byName<T>(
  entries: Readonly<Record<string, T>>,
  read: (value: T) => unknown,
  write: (name: string) => string = (name) => name,
): [string, unknown][] {
  const read_ = Object.entries(entries).map(([name, value]): [string, unknown] => [write(name), read(value)]);
  return read_.sort(([one], [other]) => (one < other ? -1 : 1));
}

function lowerCase(text: string): string {
  return text.toLowerCase();
}
