import { hang } from "./indent.ts";
import type { Condition, Vocabulary } from "./vocabulary.ts";

/** The name under which the chart's templates know a computed text or a partial. */
export function helmName(name: string): string {
  return `image-promoter.${name}`;
}

/** The words of templates as Helm expressions. Every scalar goes through `toJson`, so no value can leave its place. */
export const chartVocabulary: Vocabulary = {
  knob: (path) => `{{ ${valueAt(path)} | toJson }}`,
  text: (path) => `{{ ${valueAt(path)} | toString | toJson }}`,
  block: (path, column) => `{{- toYaml ${valueAt(path)} | nindent ${column} }}`,
  either: (paths) => `{{ or ${paths.map(valueAt).join(" ")} | toJson }}`,
  computed: (name) => `{{ include "${helmName(name)}" . | toJson }}`,
  computedBlock: (name, column) => `{{- include "${helmName(name)}" . | nindent ${column} }}`,
  include: (partial, column) => `{{- include "${helmName(partial)}" . | nindent ${column} }}`,
  documents: (path) => `{{- range ${valueAt(path)} }}\n---\n{{ toYaml . }}\n{{- end }}`,
  when(condition, body, otherwise) {
    const [then, alternative] = [body(), otherwise()];
    const indentation = /^ */.exec(then)?.[0] ?? "";
    const middle = alternative === "" ? "" : `${indentation}{{- else }}\n${alternative}`;
    return `${indentation}{{- if ${expressionOf(condition)} }}\n${then}${middle}${indentation}{{- end }}\n`;
  },
  known: (_name, body) => body(),
};

function valueAt(path: string): string {
  return `.Values.${path}`;
}

function expressionOf({ paths, is, computed }: Condition): string {
  const terms = [
    ...paths.map((path) =>
      is === undefined ? valueAt(path) : `(eq ${valueAt(path)} ${JSON.stringify(is)})`,
    ),
    ...(computed === undefined ? [] : [`(include "${helmName(computed)}" .)`]),
  ];
  return terms.length === 1 ? (terms[0] ?? "").replace(/^\((.*)\)$/, "$1") : `or ${terms.join(" ")}`;
}

/** A named template of Helm. */
export function defineTemplate(name: string, body: string): string {
  return `{{- define "${helmName(name)}" -}}\n${hang(body.trimEnd(), 0)}\n{{- end }}\n`;
}
