import Handlebars from "handlebars";
import { hang } from "./indent.ts";
import { templatePaths, templateSource } from "./template.ts";
import { yamlBlock, yamlScalar } from "./yaml-scalar.ts";

/** What Handlebars hands a helper last. */
interface HelperOptions {
  readonly loc: { readonly start: { readonly column: number } };
}

const folder = "workflow/";

/**
 * Fills a template of `templates/workflow/` in. `yaml` writes a value on one line, `block` fields at its own column,
 * so that none can leave its place; `argo` writes what Argo fills in when the workflow runs.
 *
 * @param name of the template: `sensor`; `{{> retry}}` is the template `_retry`.
 */
export function renderWorkflowTemplate(name: string, context: object): string {
  const handlebars = Handlebars.create();
  for (const path of templatePaths(`${folder}_`)) {
    const partial = path.slice(folder.length + 1, path.indexOf("."));
    handlebars.registerPartial(partial, templateSource(path));
  }
  handlebars.registerHelper("yaml", (value: unknown) => yamlScalar(value));
  handlebars.registerHelper("block", (value: unknown, { loc }: HelperOptions) =>
    hang(yamlBlock(value), loc.start.column),
  );
  handlebars.registerHelper("argo", (expression: string) => `{{${expression}}}`);
  handlebars.registerHelper("concat", (one: string, other: string) => `${one}${other}`);
  const template = handlebars.compile(templateSource(`${folder}${name}.yaml.hbs`), {
    noEscape: true,
    strict: false,
  });
  return template(context);
}
