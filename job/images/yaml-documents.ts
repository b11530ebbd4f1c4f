import { type Document, parseAllDocuments, type YAMLParseError } from "yaml";
import type { ErrorCode, PromoterError } from "../error.ts";
import { faultIn, type SourceText } from "./source-text.ts";

/** One document of a YAML stream. */
export interface YamlDocument {
  readonly source: SourceText;
  readonly document: Document.Parsed;
  /** Where its text begins: added to the ranges of its nodes to give offsets of the source. */
  readonly start: number;
  /** Whether its lines may be shown: not those of a Secret. */
  readonly excerpt: boolean;
}

export interface YamlOptions {
  /** The code of errors: whose fault a text is that cannot be read. */
  readonly code: ErrorCode;
  /** Whether a document's text need not be read. */
  readonly skip?: (text: string) => boolean;
}

/** Most bytes of one text: a cluster's whole state is smaller, and the nodes of a larger one would not fit into memory. */
const maxBytes = 64 * 1024 * 1024;

/**
 * The documents of a YAML stream or JSON text, empty ones left out, one at a time so that only one is in memory. Keys
 * must be texts and unique. Values of unknown tags are read as if they had none.
 *
 * @throws {PromoterError} `options.code` with the place, the line and a caret; also when a text has more than 64 MiB.
 */
export function* yamlDocuments(source: SourceText, options: YamlOptions): Generator<YamlDocument> {
  if (Buffer.byteLength(source.text) > maxBytes) {
    throw faultIn(source, options.code, {
      what: "The text has more than 64 MiB",
      offset: 0,
      excerpt: false,
      hint: "Give it in several files, one --filename each",
    });
  }
  for (const { text, start } of partsOf(source.text)) {
    if (options.skip?.(text)) continue;
    const excerpt = !/\bkind["']?\s*:\s*["']?Secret\b/.test(text);
    for (const document of parse(text, { source, start, excerpt, code: options.code })) {
      const [error] = document.errors.toSorted((a, b) => a.pos[0] - b.pos[0]);
      if (error !== undefined) throw syntaxFault(error, { source, start, excerpt, code: options.code });
      yield { source, document, start, excerpt };
    }
  }
}

interface Part {
  readonly text: string;
  readonly start: number;
}

/** Cuts a stream before each `---`: no YAML scalar may hold a line that begins with it, so the cut is always right. */
function* partsOf(text: string): Generator<Part> {
  // A directive belongs to the document behind the next marker, so such a stream is left whole.
  if (/(?:^|\n)%/.test(text)) return yield { text, start: 0 };
  let start = 0;
  for (const match of text.matchAll(/\n---(?=[ \t\r\n]|$)/g)) {
    yield { text: text.slice(start, match.index + 1), start };
    start = match.index + 1;
  }
  yield { text: text.slice(start), start };
}

interface ParseContext {
  readonly source: SourceText;
  readonly start: number;
  readonly excerpt: boolean;
  readonly code: ErrorCode;
}

function parse(text: string, context: ParseContext): readonly Document.Parsed[] {
  try {
    const parsed = parseAllDocuments(text, { prettyErrors: false, stringKeys: true, logLevel: "error" });
    return Array.isArray(parsed) ? parsed : [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw faultIn(context.source, context.code, {
      what: "The document is nested too deeply",
      offset: context.start,
      excerpt: false,
      cause: error,
    });
  }
}

function syntaxFault(error: YAMLParseError, context: ParseContext): PromoterError {
  const offset = context.start + Math.max(0, error.pos[0]);
  const hint = hintFor(error, lineAround(context.source.text, offset));
  return faultIn(context.source, context.code, {
    what: sentences[error.code] ?? withoutQuotes(error.message),
    offset,
    excerpt: context.excerpt,
    ...(hint !== undefined && { hint }),
  });
}

const sentences: Readonly<Partial<Record<YAMLParseError["code"], string>>> = {
  DUPLICATE_KEY: "The same key stands twice in one mapping",
  NON_STRING_KEY: "A key is no text",
  RESOURCE_EXHAUSTION: "The document is nested too deeply",
  TAB_AS_INDENT: "A tab stands in the indentation",
};

/** The parser quotes what it did not expect, which may be a secret. */
function withoutQuotes(message: string): string {
  return message.replace(/: ".*$/s, "").replace(/^Missing closing ["']quote$/, "A quote is not closed");
}

function hintFor(error: YAMLParseError, line: string): string | undefined {
  if (line.includes("{{"))
    return "Render the template first: helm template RELEASE CHART | image-promoter … -f -";
  if (error.code === "TAB_AS_INDENT") return "Indent with spaces";
  if (error.code === "DUPLICATE_KEY") return "Leave one of the two out: which of them counts is not certain";
  return undefined;
}

function lineAround(text: string, offset: number): string {
  const end = text.indexOf("\n", offset);
  return text.slice(text.lastIndexOf("\n", offset - 1) + 1, end < 0 ? text.length : end);
}
