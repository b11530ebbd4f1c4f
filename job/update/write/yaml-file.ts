import { type Alias, isAlias, isCollection, isScalar, type Node, type Scalar } from "yaml";
import type { PromoterError } from "../../error.ts";
import { faultIn, type SourceText, sourceText } from "../../images/source-text.ts";
import { yamlDocuments } from "../../images/yaml-documents.ts";
import { YamlReader } from "../../images/yaml-reader.ts";
import { lineAt } from "./splice.ts";

/** A document of a YAML file, with the places of its nodes in the file. */
export interface YamlPart {
  readonly root: Node | null;
  readonly reader: YamlReader;
  /** What stands in the file from the node's first character to behind its last, comments and properties left out. */
  rangeOf(node: Node): { readonly begin: number; readonly end: number };
}

/** A YAML file whose values are to be found and nothing else to be touched. */
export interface YamlFile {
  readonly path: string;
  /** All of it, a byte order mark included. */
  readonly text: string;
  /** How its lines end. */
  readonly newline: "\n" | "\r\n";
  readonly parts: readonly YamlPart[];
  /** `path:line` */
  placeAt(offset: number): string;
  fault(what: string, hint?: string): PromoterError;
}

/** @throws {PromoterError} `InvalidInput` with the line and a caret when it is no YAML. */
export function openYamlFile(path: string, text: string): YamlFile {
  const source = sourceText(text, path);
  const shift = text.length - source.text.length;
  return {
    path,
    text,
    newline: text.includes("\r\n") ? "\r\n" : "\n",
    parts: partsOf(source, shift),
    placeAt: (offset) => `${path}:${lineAt(text, offset)}`,
    fault: (what, hint) =>
      faultIn(source, "InvalidInput", {
        what,
        offset: 0,
        excerpt: false,
        ...(hint !== undefined && { hint }),
      }),
  };
}

function partsOf(source: SourceText, shift: number): YamlPart[] {
  const code = "InvalidInput";
  return Array.from(yamlDocuments(source, { code }), (yaml) => ({
    root: isNode(yaml.document.contents) ? yaml.document.contents : null,
    reader: new YamlReader(yaml, code),
    rangeOf(node: Node) {
      const [begin, end] = node.range ?? [0, 0];
      return { begin: shift + yaml.start + begin, end: shift + yaml.start + end };
    },
  }));
}

function isNode(value: unknown): value is Scalar | Alias | Node {
  return isScalar(value) || isAlias(value) || isCollection(value);
}

/** The text of a value as its reader means it: `1.10`, not 1.1; undefined for what is no scalar, and for nothing. */
export function scalarText(node: unknown): string | undefined {
  if (!isScalar(node) || node.value === null || node.value === undefined) return undefined;
  const text = typeof node.value === "string" ? node.value : node.source;
  return text?.trim();
}
