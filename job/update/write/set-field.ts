import { isMap, isScalar, type Node, type YAMLMap } from "yaml";
import { appendStep, type PathStep } from "../../images/image-path.ts";
import { type Added, addField, type MappingSpot, removeField } from "./field-edit.ts";
import { replaceScalar } from "./scalar.ts";
import type { Splice } from "./splice.ts";
import { scalarText, type YamlFile, type YamlPart } from "./yaml-file.ts";

/**
 * Gives a field of a mapping a value: in place of the one that it has, behind the others where it has none, or where it
 * only has one by merging (`<<`), which others share. `undefined` takes the field away.
 *
 * @throws {PromoterError} `InvalidInput` when the field holds a mapping or a list.
 */
export function setField(place: MappingSpot, key: string, value: string | undefined): Splice[] {
  const { file, part, map } = place;
  const own = ownField(place, key);
  if (value === undefined) {
    const text = own === undefined ? undefined : (scalarText(part.reader.follow(own)) ?? "");
    return present(text === undefined ? undefined : removeField(place, key, text));
  }
  if (own === undefined && !map.has(key)) return [addField(place, key, value)];
  const node = own === undefined ? undefined : part.reader.follow(own);
  if (node === undefined || !isScalar(node)) throw noText(file, part, own ?? map, key);
  return present(replaceScalar(file, part, node, value));
}

/** The text of a field, its own or merged. */
export function fieldText({ part, map }: MappingSpot, key: string): string | undefined {
  return scalarText(part.reader.follow(part.reader.fieldsOf(map).get(key)));
}

/** The nodes that a path leads to inside a node. */
export function nodeAt({ reader }: YamlPart, root: unknown, steps: readonly PathStep[]): unknown {
  return steps.reduce((node: unknown, step) => {
    const value = reader.follow(node);
    if (isMap(value)) return reader.fieldsOf(value).get(String(step));
    return value !== null && "items" in value && typeof step === "number" ? value.items[step] : undefined;
  }, root);
}

/**
 * Gives the field at a path a value; the mappings that lead to it are added where they are missing.
 *
 * @throws {PromoterError} `InvalidInput` when something else stands in the way.
 */
export function setPath(place: MappingSpot, steps: readonly PathStep[], value: string): Splice[] {
  const [step, ...rest] = steps;
  const { file, part, map } = place;
  if (typeof step !== "string") throw noText(file, part, map, "[…]");
  if (rest.length === 0) return setField(place, step, value);
  const next = part.reader.follow(part.reader.fieldsOf(map).get(step));
  if (isMap(next)) return setPath({ ...place, map: next }, rest, value);
  if (next === null && ownField(place, step) === undefined)
    return [addField(place, step, nested(rest, value))];
  const inner = next === null ? undefined : nodeAt(part, next, rest);
  const found = inner === undefined ? null : part.reader.follow(inner);
  if (isScalar(found)) return present(replaceScalar(file, part, found, value));
  const listed = next === null ? undefined : intoElement(part, next, rest);
  if (listed === undefined) throw noText(file, part, next ?? map, appendStep("", step));
  return setPath({ ...place, map: listed.map }, listed.rest, value);
}

/** The mapping that is an element of a list, or of lists in it, and what is left of the path inside it. */
function intoElement(
  part: YamlPart,
  node: Node,
  steps: readonly PathStep[],
): { readonly map: YAMLMap; readonly rest: readonly PathStep[] } | undefined {
  const count = steps.findIndex((step) => typeof step !== "number");
  if (count < 1) return undefined;
  const map = part.reader.follow(nodeAt(part, node, steps.slice(0, count)));
  return isMap(map) ? { map, rest: steps.slice(count) } : undefined;
}

function ownField({ map }: MappingSpot, key: string): unknown {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key)?.value ?? undefined;
}

function nested(steps: readonly PathStep[], value: string): Added {
  return steps.reduceRight((inner: Added, step) => ({ [String(step)]: inner }), value);
}

function noText(file: YamlFile, part: YamlPart, node: unknown, key: string) {
  const found = part.reader.follow(node);
  const at = found === null ? 0 : part.rangeOf(found).begin;
  return file.fault(`Near ${file.placeAt(at)} the field ${key} holds no text that can be changed`);
}

function present<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}
