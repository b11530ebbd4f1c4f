import type { ChartValues } from "./chart-values.ts";
import type { Computed } from "./computed.ts";
import { isFields } from "./fields.ts";
import { hang } from "./indent.ts";
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

/** What a Go template takes for true: anything but empty things, 0 and false. */
function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isFields(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}
