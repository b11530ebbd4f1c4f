import { createHash } from "node:crypto";
import Handlebars from "handlebars";
import { PromoterError } from "../../error.ts";
import type { ChangeSet, ImageChange, ImageVersion } from "../application.ts";
import { redactedAddress } from "../redacted-address.ts";

/** What commits say unless told otherwise. */
export const defaultMessage = `Update {{#if one}}{{one.alias}} from {{one.from}} to {{one.to}}{{else}}{{count}} images{{/if}}

{{#each changes}}
- {{application}}: {{image}} {{from}} -> {{to}}
{{/each}}
`;

const maxTemplateLength = 16_384;
const knownHelpers = { if: true, unless: true, each: true, with: true, log: false, lookup: false };
/** Templates of branches come from annotations too: loops in loops end before they take long. */
const mostRounds = 20_000;
const mostCharacters = 1_000_000;

/**
 * Fills a template for commits, branches and pull requests in: Handlebars, or what Image Updater's templates use of
 * Go's.
 *
 * @param what what it is for, in messages.
 * @throws {PromoterError} `InvalidConfiguration` when the template cannot be read.
 */
export function renderMessage(template: string, changes: ChangeSet, what: string): string {
  if (template.length > maxTemplateLength) throw invalid(what, "it is too long");
  try {
    const source = fromGo(template);
    const filled = boundedHandlebars().compile(source, {
      noEscape: true,
      knownHelpers,
      knownHelpersOnly: true,
    });
    return withoutControls(filled(contextOf(changes)));
  } catch (cause) {
    const [reason = ""] = (cause instanceof Error ? cause.message : String(cause)).split("\n");
    throw invalid(what, withoutControls(reason).slice(0, 200));
  }
}

/** Handlebars without partials, which may call themselves, and with an end to all loops together. */
function boundedHandlebars(): typeof Handlebars {
  const handlebars = Handlebars.create();
  handlebars.unregisterDecorator("inline");
  const each: unknown = handlebars.helpers.each;
  if (typeof each !== "function") throw new Error("Handlebars has no each");
  let [rounds, characters] = [0, 0];
  handlebars.registerHelper(
    "each",
    function (this: unknown, list: unknown, options: Handlebars.HelperOptions) {
      const fn: Handlebars.HelperOptions["fn"] = (...given) => {
        rounds += 1;
        const text = rounds > mostRounds ? "" : options.fn(...given);
        characters += text.length;
        if (rounds > mostRounds || characters > mostCharacters) throw new Error("it repeats too much");
        return text;
      };
      return each.call(this, list, { ...options, fn });
    },
  );
  return handlebars;
}

/** The first line, and what follows it. */
export function subjectOf(message: string): { readonly subject: string; readonly body: string } {
  const [subject = "", ...rest] = message.trim().split("\n");
  return { subject: subject.trim(), body: rest.join("\n").trim() };
}

/** The words of templates; those in capitals are Image Updater's. */
function contextOf({ changes, repository, branch }: ChangeSet) {
  const images = changes.map((change) => ({ ...wordsOf(change), ...updaterWordsOf(change) }));
  const applications = [...new Set(changes.map(({ application }) => application))];
  const [one] = images;
  return {
    repository: redactedAddress(repository),
    branch: branch ?? "",
    changes: images,
    count: images.length,
    one: images.length === 1 ? one : undefined,
    applications,
    application: applications.length === 1 ? applications[0] : "",
    sha256: shaOf(changes),
    AppName: applications.join(", "),
    AppChanges: images,
    Images: images,
    SHA256: shaOf(changes),
  };
}

function wordsOf({ application, alias, image, from, to, edits }: ImageChange) {
  return {
    application,
    alias,
    image,
    from: shown(from),
    to: shown(to),
    tag: to.tag ?? "",
    digest: to.digest ?? "",
    files: [...new Set(edits.map(({ path }) => path))],
  };
}

function updaterWordsOf({ alias, image, from, to }: ImageChange) {
  return { Name: image, Image: image, Alias: alias, OldTag: shown(from), NewTag: shown(to) };
}

function shown({ tag, digest }: ImageVersion): string {
  if (digest === undefined) return tag ?? "nothing";
  const short = digest.slice(0, digest.indexOf(":") + 13);
  return tag === undefined ? short : `${tag}@${short}`;
}

/** The same for the same change, whenever it is made. */
function shaOf(changes: readonly ImageChange[]): string {
  const lines = changes.map(({ application, alias, image, to }) =>
    JSON.stringify([application, alias, image, to.tag ?? "", to.digest ?? ""]),
  );
  return createHash("sha256").update(lines.toSorted().join("\n")).digest("hex");
}

const action = /\{\{([^{}]*)\}\}/g;
const goBlocks: Readonly<Record<string, string>> = { range: "each", with: "with", if: "if" };

/** `{{range .Images}}…{{.NewTag}}…{{end}}` in the words of Handlebars; everything else stays. */
function fromGo(template: string): string {
  const open: string[] = [];
  return template.replace(action, (whole, inner: string) => {
    const left = inner.startsWith("-") ? "{{~" : "{{";
    const right = inner.endsWith("-") ? "~}}" : "}}";
    const words = inner.slice(left.length - 2, inner.length - right.length + 2).trim();
    const [first = "", second = "", ...more] = words.split(/[ \t]+/);
    if (more.length > 0) return whole;
    const block = goBlocks[first];
    if (block !== undefined && isGoField(second)) {
      open.push(block);
      return `${left}#${block} ${second.slice(1)}${right}`;
    }
    if (second !== "") return whole;
    if (first === "end") return `${left}/${open.pop() ?? "end"}${right}`;
    if (first === "else") return `${left}else${right}`;
    return isGoField(first) ? `${left}${first.slice(1)}${right}` : whole;
  });
}

function isGoField(word: string): boolean {
  return /^\.\w[\w.]*$/.test(word);
}

function withoutControls(text: string): string {
  return text.replaceAll("\r", "").replace(/[^\P{Cc}\n]/gu, "·");
}

function invalid(what: string, why: string): PromoterError {
  return new PromoterError("InvalidConfiguration", `Cannot read the template of ${what}: ${why}`, {
    hint: "Write it as Handlebars: Update {{#each changes}}{{image}} to {{to}} {{/each}}",
  });
}
