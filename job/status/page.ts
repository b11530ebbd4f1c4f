import { createHash } from "node:crypto";
import Handlebars from "handlebars";
import { templateSource } from "../render/template.ts";
import { version } from "../version.ts";
import type { EnvironmentStatus } from "./environment-status.ts";
import { pageModel } from "./page-model.ts";

let template: Handlebars.TemplateDelegate | undefined;

/**
 * The environments as one page of HTML. It asks nobody for anything: style and script are in it, and its policy lets no
 * other run. Without script it is the whole table; with it, modules are searched and chosen.
 */
export function statusPage(status: EnvironmentStatus): string {
  template ??= Handlebars.create().compile(templateSource("status/page.html.hbs"), {
    strict: true,
    knownHelpersOnly: true,
  });
  const script = templateSource("status/page.js");
  const style = [templateSource("status/page.css"), ...hidingRules(status)].join("\n");
  return template({
    ...pageModel(status),
    version,
    script,
    style,
    policy: pagePolicy(style, script),
  });
}

/** {@link https://www.w3.org/TR/CSP3/} */
function pagePolicy(style: string, script: string): string {
  const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  return [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** A class of the table for each environment, so that hiding one takes one change, however many modules there are. */
function hidingRules({ environments }: EnvironmentStatus): readonly string[] {
  return environments.map(
    (_, column) => `.without-${column} tr > :nth-child(${column + 2}) { display: none; }`,
  );
}
