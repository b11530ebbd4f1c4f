import Handlebars from "handlebars";
import { PromoterError } from "../error.ts";
import { templateSources } from "./template-sources.ts";
import type { Condition, Vocabulary } from "./vocabulary.ts";

/** What Handlebars hands a helper last. */
interface HelperOptions {
  readonly hash: Readonly<Record<string, string>>;
  readonly loc: { readonly start: { readonly column: number } };
  fn(context: unknown): string;
  inverse(context: unknown): string;
}

type Helper = (words: readonly string[], options: HelperOptions) => string;

const compiled = new Map<string, Handlebars.TemplateDelegate>();

/**
 * Fills a template of `templates/` in, in the words of a target.
 *
 * @param path inside `templates/`: `kubernetes/job.yaml.hbs`.
 */
export function renderTemplate(path: string, vocabulary: Vocabulary): string {
  let template = compiled.get(path);
  if (template === undefined) {
    template = compile(templateSource(path));
    compiled.set(path, template);
  }
  const helpers = Object.entries(helpersOf(vocabulary)).map(([name, helper]) => [
    name,
    handlebarsHelper(helper),
  ]);
  return template({}, { helpers: Object.fromEntries(helpers) });
}

/** A file of `templates/` as it is. */
export function templateSource(path: string): string {
  const source = templateSources[path];
  if (source === undefined) throw new PromoterError("Internal", `There is no template ${path}`);
  return source;
}

/** The paths of the templates that begin so. */
export function templatePaths(prefix: string): string[] {
  return Object.keys(templateSources).filter((path) => path.startsWith(prefix));
}

function compile(source: string): Handlebars.TemplateDelegate {
  const knownHelpers = Object.fromEntries(helperNames.map((name) => [name, true]));
  return Handlebars.create().compile(source, {
    noEscape: true,
    strict: true,
    knownHelpersOnly: true,
    knownHelpers,
  });
}

const helperNames = [
  "knob",
  "text",
  "block",
  "either",
  "computed",
  "computedBlock",
  "include",
  "documents",
  "when",
  "known",
];

function helpersOf(vocabulary: Vocabulary): Readonly<Record<string, Helper>> {
  const column = (options: HelperOptions) => options.loc.start.column;
  return {
    knob: ([path = ""]) => vocabulary.knob(path),
    text: ([path = ""]) => vocabulary.text(path),
    block: ([path = ""], options) => vocabulary.block(path, column(options)),
    either: (paths) => vocabulary.either(paths),
    computed: ([name = ""]) => vocabulary.computed(name),
    computedBlock: ([name = ""], options) => vocabulary.computedBlock(name, column(options)),
    include: ([partial = ""], options) => vocabulary.include(partial, column(options)),
    documents: ([path = ""]) => vocabulary.documents(path),
    when: (paths, options) =>
      vocabulary.when(
        conditionOf(paths, options),
        () => options.fn({}),
        () => options.inverse({}),
      ),
    known: ([name = ""], options) => vocabulary.known(name, () => options.fn({})),
  };
}

function conditionOf(paths: readonly string[], { hash }: HelperOptions): Condition {
  return {
    paths,
    ...(hash.is !== undefined && { is: hash.is }),
    ...(hash.computed !== undefined && { computed: hash.computed }),
  };
}

function handlebarsHelper(helper: Helper): Handlebars.HelperDelegate {
  return (...given: unknown[]) => helper(given.slice(0, -1).map(String), given.at(-1) as HelperOptions);
}
