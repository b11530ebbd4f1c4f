import { parseDocument, Scalar } from "yaml";
import { PromoterError } from "../../error.ts";
import type { Splice } from "./splice.ts";
import { scalarText, type YamlFile, type YamlPart } from "./yaml-file.ts";

/** Writes another value in a scalar's place, quoted as it was; `undefined` where it stands there already. */
export function replaceScalar(
  file: YamlFile,
  part: YamlPart,
  node: Scalar,
  value: string,
): Splice | undefined {
  const before = scalarText(node);
  if (before === value && typeof node.value === "string") return undefined;
  const { begin, end } = part.rangeOf(node);
  const change = { ...(before !== undefined && { before }), after: value };
  if (node.type === Scalar.BLOCK_FOLDED || node.type === Scalar.BLOCK_LITERAL) {
    return { ...contentOfBlock(file, begin, end), text: value, ...change };
  }
  const text = quoted(value, node.type);
  // Nothing is written there yet: `tag:` and then the end of the line or a comment.
  const space = begin === end && !/\s/.test(file.text[begin - 1] ?? " ") ? " " : "";
  const gap = begin === end && /[^\s,}\]]/.test(file.text[end] ?? " ") ? " " : "";
  return {
    offset: begin,
    length: end - begin,
    text: `${space}${text}${gap}`,
    lead: space.length,
    ...change,
  };
}

/** A value as it can be written anywhere: plain where every reader of YAML takes it for this very text. */
export function quoted(value: string, style: Scalar["type"] = Scalar.PLAIN): string {
  if (style === Scalar.QUOTE_SINGLE && !/[^\P{Cc}]/u.test(value)) return `'${value.replaceAll("'", "''")}'`;
  if (style !== Scalar.QUOTE_DOUBLE && style !== Scalar.QUOTE_SINGLE && isPlain(value)) return value;
  return JSON.stringify(value);
}

const plainCharacters = /^[\w./][\w./@=:+-]*$/;
/** Readers of YAML 1.1 take these for times: 2024-01-31, 12:30:00. */
const timeLike = /^\d+[:-]\d[\d:.-]*$/;
/** Those in Go take these for numbers, also in capitals. */
const prefixedNumber = /^0[box]/i;

function isPlain(value: string): boolean {
  if (!plainCharacters.test(value) || value.endsWith(":")) return false;
  if (timeLike.test(value) || prefixedNumber.test(value)) return false;
  return (["1.1", "1.2"] as const).every((version) => {
    const { contents, errors } = parseDocument(value, { version, logLevel: "silent" });
    return errors.length === 0 && contents instanceof Scalar && contents.value === value;
  });
}

/** The one line of a block (`|`, `>`), without its indentation. */
function contentOfBlock(file: YamlFile, begin: number, end: number): Pick<Splice, "offset" | "length"> {
  const block = file.text.slice(begin, end);
  const body = block.slice(block.indexOf("\n") + 1);
  const content = body.trim();
  if (content === "" || content.includes("\n")) {
    const message = `${file.placeAt(begin)}: The value has not exactly one line`;
    throw new PromoterError("InvalidInput", message, { hint: "Write it behind its key, on the same line" });
  }
  return { offset: begin + block.indexOf(content, block.indexOf("\n")), length: content.length };
}
