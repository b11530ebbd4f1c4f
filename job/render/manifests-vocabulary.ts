import { PromoterError } from "../error.ts";
import type { ChartValues } from "./chart-values.ts";
import type { Computed } from "./computed-value.ts";
import { isFields } from "./fields.ts";
import { hang } from "./indent.ts";
import { partialPath } from "./object-templates.ts";
import type { Release } from "./release.ts";
import { renderTemplate } from "./template.ts";
import type { Condition, Vocabulary } from "./vocabulary.ts";
import { yamlBlock, yamlScalar } from "./yaml-scalar.ts";

/** What the words of templates stand for, of one release. */
export interface Meanings {
  readonly values: ChartValues;
  /** What is made of several values. */
  readonly computed: (name: string) => Computed;
  /** A partial, filled in. */
  readonly partial: (name: string) => string;
}

/** The words of templates as what they come to. */
export function manifestsVocabulary({ values, computed: made, partial }: Meanings): Vocabulary {
  const valueAt = (path: string) =>
    path.split(".").reduce<unknown>((inner, step) => (isFields(inner) ? inner[step] : undefined), values);
  const holds = ({ paths, is, computed }: Condition) =>
    paths.some((path) => (is === undefined ? isTrue(valueAt(path)) : valueAt(path) === is)) ||
    (computed !== undefined && isTrue(made(computed)));
  return {
    knob: (path) => yamlScalar(valueAt(path)),
    text: (path) => yamlScalar(String(valueAt(path))),
    block: (path, column) => hang(yamlBlock(valueAt(path)), column),
    either: (paths) => yamlScalar(paths.some((path) => isTrue(valueAt(path)))),
    computed: (name) => yamlScalar(made(name)),
    computedBlock: (name, column) => hang(yamlBlock(made(name)), column),
    include: (name, column) => hang(partial(name), column),
    documents: (path) =>
      [valueAt(path)]
        .flat()
        .map((item) => `---\n${yamlBlock(item)}`)
        .join("\n"),
    when: (condition, body, otherwise) => (holds(condition) ? body() : otherwise()),
    known: (name, body) => (isTrue(made(name)) ? body() : ""),
  };
}

/** What templates call computed, out of a partial where that takes one; undefined for a name that nobody knows. */
export type MeaningOf = (name: string, partial: (name: string) => string) => Computed | undefined;

/** The words of templates for one release, in which partials are filled with the same words. */
export function releaseVocabulary({ values }: Release, meaningOf: MeaningOf): Vocabulary {
  const partial = (name: string) => renderTemplate(partialPath(name), vocabulary).trimEnd();
  const vocabulary = manifestsVocabulary({
    values,
    computed(name) {
      const meaning = meaningOf(name, partial);
      if (meaning === undefined) throw new PromoterError("Internal", `Templates know no ${name}`);
      return meaning;
    },
    partial,
  });
  return vocabulary;
}

/** An object out of its template, without lines that nothing was put into; a line break alone where there is none. */
export function renderObject(path: string, vocabulary: Vocabulary): string {
  const lines = renderTemplate(path, vocabulary)
    .replace(/^---\n/, "")
    .split("\n");
  return `${lines
    .filter((line) => line.trim() !== "")
    .join("\n")
    .trim()}\n`;
}

/** What a Go template takes for true: anything but empty things, 0 and false. */
function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isFields(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}
