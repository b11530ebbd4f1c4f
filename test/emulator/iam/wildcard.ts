/** One step of a pattern: a character that must stand there, `?` or `*`. */
type Token = string | typeof one | typeof any;
const one = Symbol("?");
const any = Symbol("*");

/** A pattern whose policy variables are filled in: what a variable stands for never counts as a wildcard. */
export type Pattern = readonly Token[];

/** The value of a policy variable such as `aws:PrincipalTag/team`; undefined when the request has none. */
export type Variables = (name: string) => string | undefined;

const specials: Readonly<Record<string, string>> = { "*": "*", "?": "?", $: "$" };

/**
 * Reads a pattern with `*`, `?` and policy variables. Without `variables` (policies of version 2008-10-17) a `${` is
 * plain text. Undefined when a variable has neither value nor default: such a pattern matches nothing.
 * {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html}
 */
export function compilePattern(text: string, variables?: Variables): Pattern | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const end = variables !== undefined && text.startsWith("${", at) ? text.indexOf("}", at) : -1;
    if (variables !== undefined && end > 0) {
      const value = resolveVariable(text.slice(at + 2, end), variables);
      if (value === undefined) return undefined;
      for (let unit = 0; unit < value.length; unit += 1) tokens.push(value.charAt(unit));
      at = end;
      continue;
    }
    const character = text.charAt(at);
    tokens.push(character === "*" ? any : character === "?" ? one : character);
  }
  return tokens;
}

/** A pattern's text where wildcards mean themselves (`StringEquals`); undefined as for {@link compilePattern}. */
export function expandVariables(text: string, variables?: Variables): string | undefined {
  const tokens = compilePattern(text, variables);
  return tokens?.map((token) => (token === any ? "*" : token === one ? "?" : token)).join("");
}

/**
 * Whether the whole of `text` matches. Only the last `*` is ever taken back, so the steps are at most pattern times
 * text, and in practice about as many as the text has characters.
 */
export function matchesPattern(pattern: Pattern, text: string): boolean {
  let at = 0;
  let position = 0;
  let star = -1;
  let resume = 0;
  while (position < text.length) {
    const token = pattern[at];
    if (token === any) {
      star = at;
      at += 1;
      resume = position;
    } else if (token === one || token === text.charAt(position)) {
      at += 1;
      position += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      position = resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === any) at += 1;
  return at === pattern.length;
}

/** Whether `text` matches a pattern as it is written in a policy. */
export function matchesWildcard(pattern: string, text: string, variables?: Variables): boolean {
  const compiled = compilePattern(pattern, variables);
  return compiled !== undefined && matchesPattern(compiled, text);
}

function resolveVariable(expression: string, variables: Variables): string | undefined {
  const special = specials[expression];
  if (special !== undefined) return special;
  const comma = expression.indexOf(",");
  if (comma < 0) return variables(expression.trim());
  const fallback = /^\s*'(.*)'\s*$/.exec(expression.slice(comma + 1))?.[1];
  return variables(expression.slice(0, comma).trim()) ?? fallback;
}
