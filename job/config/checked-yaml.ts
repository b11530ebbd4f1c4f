import { isMap, isScalar, isSeq } from "yaml";
import * as z from "zod";
import { type ErrorCode, PromoterError } from "../error.ts";
import type { Position } from "../images/source-excerpt.ts";
import { faultIn, type SourceText, sourceText } from "../images/source-text.ts";
import { type YamlDocument, yamlDocuments } from "../images/yaml-documents.ts";
import { YamlReader } from "../images/yaml-reader.ts";
import { type Complaint, complaintsOf } from "./complaint.ts";
import { fieldsOfSchema } from "./json-schema.ts";

const code: ErrorCode = "InvalidConfiguration";
const mostShown = 5;

export interface CheckedYaml<T> {
  readonly data: T;
  /** Where the value at a path is written. */
  placeOf(path: readonly PropertyKey[]): Position;
}

export interface YamlFormat<S extends z.ZodType> {
  readonly schema: S;
  /** How such a file begins. */
  readonly beginHint: string;
}

/**
 * Reads a file of one YAML document by a schema.
 *
 * @throws {PromoterError} `InvalidConfiguration` with `source:line:column`, the line and a caret for the first five
 * things that are wrong. Values behind keys that sound secret are not shown.
 */
export function checkedYaml<S extends z.ZodType>(
  text: string,
  source: string,
  { schema, beginHint }: YamlFormat<S>,
): CheckedYaml<z.output<S>> {
  const file = sourceText(text, source);
  const [yaml, second] = yamlDocuments(file, { code });
  if (second !== undefined)
    throw faultIn(file, code, { what: "The file has a second document", offset: second.start });
  const content = yaml?.document.contents ?? null;
  if (yaml === undefined || !isMap(content)) {
    throw faultIn(file, code, { what: "The configuration has no fields", offset: 0, hint: beginHint });
  }
  const reader = new YamlReader(yaml, code);
  const value = plainValue(yaml, file);
  const result = schema.safeParse(value);
  if (!result.success) {
    const known = z.toJSONSchema(schema, { io: "input" });
    const fieldsAt = (path: readonly PropertyKey[]) => fieldsOfSchema({ ...known }, path);
    throw faultOf(complaintsOf(result.error.issues, { value, fieldsAt }), reader, content);
  }
  return {
    data: result.data,
    placeOf: (path) => file.positionAt(reader.rangeOf(nodeAt(reader, content, path, "value")).offset),
  };
}

function plainValue(yaml: YamlDocument, file: SourceText): unknown {
  try {
    return yaml.document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    // The parser throws so for an alias without an anchor, and for aliases that would explode.
    if (!(cause instanceof ReferenceError)) throw cause;
    throw faultIn(file, code, {
      what: "An alias has no anchor before it, or aliases repeat too much",
      offset: yaml.start,
      excerpt: false,
      hint: "Write out what the aliases stand for",
      cause,
    });
  }
}

function faultOf(complaints: readonly Complaint[], reader: YamlReader, root: unknown): PromoterError {
  const faults = complaints
    .map(({ path, place, message, hint }) => {
      const node = nodeAt(reader, root, path, place);
      return { offset: reader.rangeOf(node).offset, fault: reader.fault(firstOf(node), message, hint) };
    })
    .sort((a, b) => a.offset - b.offset)
    .map(({ fault }) => fault);
  const more = faults.length - mostShown;
  const messages = faults.slice(0, mostShown).map((fault) => fault.message);
  if (more > 0) messages.push(`and ${more} more`);
  const hint = faults[0]?.hint;
  return new PromoterError(code, messages.join("\n"), { ...(hint !== undefined && { hint }) });
}

/** What stands at a path, or the nearest thing around it; with place `key`, the key in front of it. */
function nodeAt(
  reader: YamlReader,
  root: unknown,
  path: readonly PropertyKey[],
  place: "key" | "value",
): unknown {
  let node = root;
  for (const [depth, step] of path.entries()) {
    const value = reader.follow(node);
    let next: unknown;
    if (isSeq(value) && typeof step === "number") next = value.items[step];
    if (isMap(value)) {
      const pair = value.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      next = place === "key" && depth === path.length - 1 ? pair?.key : pair?.value;
    }
    if (next === undefined || next === null) return node;
    node = next;
  }
  return node;
}

/** A mapping's first key stands for it: a caret under a whole mapping says nothing. */
function firstOf(node: unknown): unknown {
  return isMap(node) ? (node.items[0]?.key ?? node) : node;
}
