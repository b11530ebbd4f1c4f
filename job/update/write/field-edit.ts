import { isCollection, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from "yaml";
import { quoted } from "./scalar.ts";
import type { Splice } from "./splice.ts";
import type { YamlFile, YamlPart } from "./yaml-file.ts";

/** What is added to a file: a value, or fields that hold more. */
export type Added = string | boolean | { readonly [key: string]: Added } | readonly Added[];

/** A mapping of a file. */
export interface MappingSpot {
  readonly file: YamlFile;
  readonly part: YamlPart;
  readonly map: YAMLMap;
}

/** Adds a field behind the last one of a mapping, in the mapping's own style. */
export function addField({ file, part, map }: MappingSpot, key: string, value: Added): Splice {
  const last = map.items.at(-1);
  if (map.flow === true || last === undefined) {
    return intoFlow(part, map, `${quoted(key)}: ${flowText(value)}`, value);
  }
  const indent = columnOf(file, part.rangeOf(last.key as Node).begin);
  return behindLine(file, endOf(part, last), lines({ [key]: value }, indent), value);
}

/** Gives a field of which only the key is written (`images:`) its value, on the lines below it. */
export function fillField({ file, part }: Omit<MappingSpot, "map">, key: Node, value: Added): Splice {
  const { begin, end } = part.rangeOf(key);
  return behindLine(file, end, lines(value, columnOf(file, begin)), value);
}

/** Adds an element behind the last one of a list, in the list's own style. */
export function addElement(
  { file, part, list }: { readonly file: YamlFile; readonly part: YamlPart; readonly list: YAMLSeq },
  value: Added,
): Splice {
  if (list.flow === true || list.items.length === 0) return intoFlow(part, list, flowText(value), value);
  const indent = columnOf(file, part.rangeOf(list).begin);
  return behindLine(file, endOf(part, list.items.at(-1)), lines([value], indent), value);
}

/** Takes a field and its line away. */
export function removeField(
  { file, part, map }: MappingSpot,
  key: string,
  before: string,
): Splice | undefined {
  const position = map.items.findIndex((pair) => isScalar(pair.key) && pair.key.value === key);
  const pair = map.items[position];
  if (pair === undefined) return undefined;
  const begin = part.rangeOf(pair.key as Node).begin;
  const next = map.items[position + 1];
  // What stands before the key on its line, `- ` or `{`, belongs to the next field then.
  const startsLine = file.text.slice(lineStart(file.text, begin), begin).trim() === "";
  if (next !== undefined && (map.flow === true || !startsLine)) {
    return { offset: begin, length: part.rangeOf(next.key as Node).begin - begin, text: "", before };
  }
  const end = endOf(part, pair);
  if (map.flow === true) {
    const from = position === 0 ? begin : endOf(part, map.items[position - 1]);
    return { offset: from, length: end - from, text: "", before };
  }
  const offset = lineStart(file.text, begin);
  return { offset, length: afterLine(file.text, end) - offset, text: "", before };
}

/** The lines of a fresh value, without a break at their end. */
export function lines(value: Added, indent: number): string[] {
  const space = " ".repeat(indent);
  if (isScalarValue(value)) return [`${space}${written(value)}`];
  if (isList(value)) {
    return value.flatMap((element) => {
      const [first = "", ...rest] = lines(element, indent + 2);
      return [`${space}- ${first.trimStart()}`, ...rest];
    });
  }
  return Object.entries(value).flatMap(([key, inner]) => {
    if (isScalarValue(inner)) return [`${space}${quoted(key)}: ${written(inner)}`];
    return [`${space}${quoted(key)}:`, ...lines(inner, isList(inner) ? indent : indent + 2)];
  });
}

function flowText(value: Added): string {
  if (isScalarValue(value)) return written(value);
  if (isList(value)) return `[${value.map(flowText).join(", ")}]`;
  const fields = Object.entries(value).map(([key, inner]) => `${quoted(key)}: ${flowText(inner)}`);
  return `{${fields.join(", ")}}`;
}

function isScalarValue(value: Added): value is string | boolean {
  return typeof value === "string" || typeof value === "boolean";
}

function written(value: string | boolean): string {
  return typeof value === "string" ? quoted(value) : String(value);
}

function isList(value: Added): value is readonly Added[] {
  return Array.isArray(value);
}

function intoFlow(part: YamlPart, collection: YAMLMap | YAMLSeq, text: string, value: Added): Splice {
  const last = collection.items.at(-1);
  const offset = last === undefined ? part.rangeOf(collection).begin + 1 : endOf(part, last);
  const lead = last === undefined ? "" : ", ";
  return { offset, length: 0, text: `${lead}${text}`, lead: lead.length, after: shown(value) };
}

function behindLine(file: YamlFile, end: number, added: readonly string[], value: Added): Splice {
  const { newline, text } = file;
  const offset = afterLine(text, end);
  const whole = offset > 0 && text[offset - 1] === "\n";
  const content = added.join(newline);
  // The last line of a file may have no end of its own; then it still has none.
  return {
    offset,
    length: 0,
    text: whole ? `${content}${newline}` : `${newline}${content}`,
    lead: whole ? 0 : newline.length,
    after: shown(value),
  };
}

function shown(value: Added): string {
  return typeof value === "string" ? value : flowText(value);
}

/** Behind the last character of what a pair or an element says; for a block, where the next line begins. */
function endOf(part: YamlPart, item: unknown): number {
  if (isPair(item)) {
    if (item.value === null || item.value === undefined) return part.rangeOf(item.key as Node).end;
    return endOf(part, item.value);
  }
  const node = item as Node;
  if (isCollection(node) && node.flow !== true && node.items.length > 0)
    return endOf(part, node.items.at(-1));
  return part.rangeOf(node).end;
}

function isPair(item: unknown): item is Pair {
  return typeof item === "object" && item !== null && "key" in item && !isMap(item) && !isSeq(item);
}

function columnOf({ text }: YamlFile, offset: number): number {
  return offset - lineStart(text, offset);
}

/** Where a line begins; a byte order mark is no part of it. */
function lineStart(text: string, offset: number): number {
  const start = offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
  return start === 0 && text.startsWith("\uFEFF") ? 1 : start;
}

/** Where the next line begins; an end that is a line's beginning already is one. */
function afterLine(text: string, end: number): number {
  if (end > 0 && text[end - 1] === "\n") return end;
  const newline = text.indexOf("\n", end);
  return newline < 0 ? text.length : newline + 1;
}
