/**
 * A JSON value as an expression of HCL, laid out as `terraform fmt` does. Nothing in a text is taken for a template.
 * {@link https://developer.hashicorp.com/terraform/language/expressions/strings}
 *
 * @param column where the line that the expression begins on is indented to: further lines go two deeper.
 */
export function hcl(value: unknown, column = 0): string {
  if (Array.isArray(value)) return hclList(value, column);
  if (typeof value === "object" && value !== null) return hclObject(Object.entries(value), column);
  return typeof value === "string" ? hclText(value) : String(value);
}

/** A text in quotes. */
export function hclText(text: string): string {
  const escaped = text.replace(/["\\\p{Cc}]/gu, (character) => escapes[character] ?? unicode(character));
  return `"${escaped.replace(/[$%](?=\{)/g, (sign) => sign + sign)}"`;
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function unicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function hclList(members: readonly unknown[], column: number): string {
  if (members.length === 0) return "[]";
  const inner = " ".repeat(column + 2);
  const lines = members.map((member) => `${inner}${hcl(member, column + 2)},\n`);
  return `[\n${lines.join("")}${" ".repeat(column)}]`;
}

/** Equals signs stand in a row as far as values of one line follow each other. */
function hclObject(entries: readonly (readonly [string, unknown])[], column: number): string {
  if (entries.length === 0) return "{}";
  const written = entries.map(([name, value]) => ({ name: hclName(name), value: hcl(value, column + 2) }));
  const inner = " ".repeat(column + 2);
  const lines = written.map(({ name, value }, position) => {
    const width = value.includes("\n") ? name.length : rowWidth(written, position);
    return `${inner}${name.padEnd(width)} = ${value}\n`;
  });
  return `{\n${lines.join("")}${" ".repeat(column)}}`;
}

function rowWidth(entries: readonly { readonly name: string; readonly value: string }[], at: number): number {
  const endsRow = (position: number) => entries[position]?.value.includes("\n") ?? true;
  let [first, last] = [at, at];
  while (!endsRow(first - 1)) first -= 1;
  while (!endsRow(last + 1)) last += 1;
  return Math.max(...entries.slice(first, last + 1).map(({ name }) => name.length));
}

function hclName(name: string): string {
  return /^[A-Za-z_][\w-]*$/.test(name) ? name : hclText(name);
}
