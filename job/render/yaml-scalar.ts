import { isFields } from "./fields.ts";
import { hang } from "./indent.ts";

/**
 * A value as a YAML scalar that no reader of YAML 1.1 or 1.2 takes for anything else: JSON, with the characters escaped
 * that YAML does not let stand in a file.
 */
export function yamlScalar(value: unknown): string {
  return canonicalJson(value).replaceAll(/[\u007f-\u009f\ufeff\ufffe\uffff]/g, escaped);
}

/** Fields or a list as YAML in blocks, without a line break at the end. */
export function yamlBlock(value: unknown): string {
  if (Array.isArray(value) && value.length > 0) {
    return value.map((item) => `- ${hang(yamlBlock(item), 2)}`).join("\n");
  }
  const entries = isFields(value) ? Object.entries(value).filter(([, inner]) => inner !== undefined) : [];
  if (entries.length === 0) return yamlScalar(value);
  return entries
    .map(([key, inner]) => {
      const block = yamlBlock(inner);
      const isNested = typeof inner === "object" && inner !== null && !/^[[{]/.test(block);
      return `${yamlKey(key)}:${isNested ? `\n  ${hang(block, 2)}` : ` ${block}`}`;
    })
    .join("\n");
}

/** A key: plain where no reader can take it for anything but a text. */
function yamlKey(key: string): string {
  const isPlain = /^[A-Za-z_][\w./-]*$/.test(key) && !/^(y|n|yes|no|on|off|true|false|null|e\d+)$/i.test(key);
  return isPlain ? key : yamlScalar(key);
}

/**
 * JSON exactly as Go's `encoding/json` writes it, and so Helm's `toJson` and `toPrettyJson`: keys in order, `<`, `>`
 * and `&` escaped. Both targets hash and store this text, so it must be the same to the byte.
 * {@link https://pkg.go.dev/encoding/json#Marshal}
 */
export function canonicalJson(value: unknown, indent = 0): string {
  return jsonOf(value, indent, "\n").replaceAll(/[<>&\u2028\u2029]/g, escaped);
}

/** Written by hand because JavaScript's objects put keys such as `6` first. */
function jsonOf(value: unknown, indent: number, lineBreak: string): string {
  const inner = `${lineBreak}${" ".repeat(indent)}`;
  const between = (open: string, items: readonly string[], close: string) => {
    if (items.length === 0) return `${open}${close}`;
    return indent === 0
      ? `${open}${items.join(",")}${close}`
      : `${open}${inner}${items.join(`,${inner}`)}${lineBreak}${close}`;
  };
  if (Array.isArray(value)) {
    return between(
      "[",
      value.map((item) => jsonOf(item, indent, inner)),
      "]",
    );
  }
  if (!isFields(value)) return JSON.stringify(value ?? null);
  const colon = indent === 0 ? ":" : ": ";
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort(byCodePoints)
    .map((key) => `${JSON.stringify(key)}${colon}${jsonOf(value[key], indent, inner)}`);
  return between("{", members, "}");
}

/** The order of bytes in UTF-8 is that of code points. */
function byCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
