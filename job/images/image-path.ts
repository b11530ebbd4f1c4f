import { PromoterError } from "../error.ts";

/** Each element of a list. */
export const each = Symbol("each element of a list");

/** A field's name, an element's index counted from 0, or each element. */
export type PathStep = string | number | typeof each;

/** A field that holds an image, beside those of pod specs. */
export interface ImagePath {
  /** Only objects of this kind; any kind when absent. */
  readonly kind?: string;
  readonly steps: readonly PathStep[];
}

const kindPattern = /^([A-Z][A-Za-z0-9]*):/;
// One step: a quoted name in brackets, an index or * in brackets, or a bare name.
const stepPattern = /\[(?:"([^"]+)"|'([^']+)'|(\d{1,6})|(\*))\]|\.?([A-Za-z_$][\w$-]*)/y;

/**
 * Reads `[Kind:]step…`, where a step is a name (`spec.image`), a name that needs quotes (`["a.b/c"]`), an index (`[0]`)
 * or each element of a list (`[*]`): `Kafka:spec.components[*].image`. A leading `$` or `.` of JSONPath is accepted.
 *
 * @throws {PromoterError} `InvalidConfiguration` with a caret under what is wrong.
 */
export function parseImagePath(text: string): ImagePath {
  const kind = kindPattern.exec(text)?.[1];
  let at = kind === undefined ? 0 : kind.length + 1;
  if (text[at] === "$" && /^\$(?:[.[]|$)/.test(text.slice(at))) at += 1;
  const first = at;
  const steps: PathStep[] = [];
  while (at < text.length) {
    stepPattern.lastIndex = at;
    const match = stepPattern.exec(text);
    // Two names need a dot between them; only the first may stand without one.
    if (match === null || (at > first && match[5] !== undefined && text[at] !== ".")) throw invalid(text, at);
    steps.push(stepOf(match));
    at = stepPattern.lastIndex;
  }
  if (steps.length === 0) throw invalid(text, at);
  return { ...(kind !== undefined && { kind }), steps };
}

/** The canonical text: `parseImagePath(formatImagePath(p))` equals `p`. */
export function formatImagePath(path: ImagePath): string {
  const steps = path.steps.reduce((before: string, step) => appendStep(before, step), "");
  return `${path.kind === undefined ? "" : `${path.kind}:`}${steps}`;
}

/** The text of a path with one more step: `spec.containers` and 0 make `spec.containers[0]`. */
export function appendStep(path: string, step: PathStep): string {
  if (step === each) return `${path}[*]`;
  if (typeof step === "number") return `${path}[${step}]`;
  if (!/^[A-Za-z_$][\w$-]*$/.test(step) || (path === "" && step === "$")) {
    return `${path}[${step.includes('"') ? `'${step}'` : `"${step}"`}]`;
  }
  return path === "" ? step : `${path}.${step}`;
}

function stepOf(match: RegExpExecArray): PathStep {
  const [, doubleQuoted, singleQuoted, index, star, name] = match;
  if (star !== undefined) return each;
  if (index !== undefined) return Number(index);
  return doubleQuoted ?? singleQuoted ?? name ?? "";
}

function invalid(text: string, at: number): PromoterError {
  const what = text.length === at ? "ends too early" : `cannot be read at ${JSON.stringify(text[at])}`;
  return new PromoterError(
    "InvalidConfiguration",
    `The image path ${what}\n  ${text.replaceAll(/\p{Cc}/gu, "·")}\n  ${" ".repeat(at)}^`,
    {
      hint: 'Write field names with dots, [0] or [*] for lists, ["a.b"] for other names: Kafka:spec.parts[*].image',
    },
  );
}
