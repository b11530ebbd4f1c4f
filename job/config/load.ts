import { isMap, isScalar, isSeq } from "yaml";
import { PromoterError } from "../error.ts";
import type { ImageRequest } from "../images/image-request.ts";
import { faultIn, type SourceText, sourceText } from "../images/source-text.ts";
import { type YamlDocument, yamlDocuments } from "../images/yaml-documents.ts";
import { YamlReader } from "../images/yaml-reader.ts";
import { parseReference } from "../oci/reference.ts";
import { type Complaint, complaintsOf } from "./complaint.ts";
import { configurationJsonSchema, fieldsOfSchema } from "./json-schema.ts";
import { configurationSchema, type PromoterConfiguration } from "./schema.ts";

const code = "InvalidConfiguration";
const mostShown = 5;

/**
 * Reads promoter.yaml.
 *
 * @throws {PromoterError} `InvalidConfiguration` with `source:line:column`, the line and a caret for the first five
 * things that are wrong. Values behind keys that sound secret are not shown.
 */
export function loadConfiguration(text: string, source: string): PromoterConfiguration {
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
  const result = configurationSchema.safeParse(value);
  if (!result.success) {
    const schema = configurationJsonSchema();
    const fieldsAt = (path: readonly PropertyKey[]) => fieldsOfSchema(schema, path);
    throw faultOf(complaintsOf(result.error.issues, { value, fieldsAt }), reader, content);
  }
  const images = (result.data.images ?? []).map((image, index): ImageRequest => {
    const { offset } = reader.rangeOf(nodeAt(reader, content, ["images", index], "value"));
    return {
      reference: parseReference(image),
      origin: { source, ...file.positionAt(offset), field: `images[${index}]` },
    };
  });
  return { ...result.data, source, images };
}

const beginHint = "Begin with the lines\n  apiVersion: image-promoter/v1\n  kind: Promoter";

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
