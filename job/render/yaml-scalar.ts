import { stringify } from "yaml";
import { isFields } from "./fields.ts";

/**
 * A value as a YAML scalar that no reader of YAML 1.1 or 1.2 takes for anything else: JSON, with the characters escaped
 * that YAML does not let stand in a file.
 */
export function yamlScalar(value: unknown): string {
  return canonicalJson(value).replaceAll(/[\u007f-\u009f\ufeff\ufffe\uffff]/g, escaped);
}

/** Fields or a list as YAML in blocks, without a line break at the end; texts are quoted. */
export function yamlBlock(value: unknown): string {
  // The schema of YAML 1.1 quotes what an old reader takes for a boolean: keys such as `on` and `y`.
  return stringify(value, {
    schema: "yaml-1.1",
    defaultStringType: "QUOTE_DOUBLE",
    defaultKeyType: "PLAIN",
    lineWidth: 0,
  }).trimEnd();
}

/**
 * JSON exactly as Go's `encoding/json` writes it, and so Helm's `toJson` and `toPrettyJson`: keys in order, `<`, `>`
 * and `&` escaped. Both targets hash and store this text, so it must be the same to the byte.
 * {@link https://pkg.go.dev/encoding/json#Marshal}
 */
export function canonicalJson(value: unknown, indent?: number): string {
  return JSON.stringify(ordered(value), undefined, indent).replaceAll(/[<>&\u2028\u2029]/g, escaped);
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (!isFields(value)) return value ?? null;
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  // By bytes of UTF-8, which is the order of code points.
  return Object.fromEntries(keys.sort(byCodePoints).map((key) => [key, ordered(value[key])]));
}

function byCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
