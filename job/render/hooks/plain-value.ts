import { isMap, isScalar, isSeq } from "yaml";
import type { YamlReader } from "../../images/yaml-reader.ts";
import { isFields } from "../fields.ts";

/** The value of a YAML node in plain objects, aliases followed and merges made. */
export function plainOf(node: unknown, reader: YamlReader): unknown {
  const value = reader.follow(node);
  if (isMap(value)) {
    const fields = [...reader.fieldsOf(value)];
    return Object.fromEntries(fields.map(([name, field]) => [name, plainOf(field, reader)]));
  }
  if (isSeq(value)) return value.items.map((item) => plainOf(item, reader));
  return isScalar(value) ? value.value : null;
}

/** A field of a mapping, or of a mapping inside it; undefined where there is none. */
export function fieldOf(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((found, name) => (isFields(found) ? found[name] : undefined), value);
}

/** A field that holds a text which is not empty. */
export function textField(value: unknown, ...path: readonly string[]): string | undefined {
  const field = fieldOf(value, ...path);
  return typeof field === "string" && field !== "" ? field : undefined;
}

/** The elements of a list; none where there is no list. */
export function listField(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const field = fieldOf(value, ...path);
  return Array.isArray(field) ? field : [];
}
