import Handlebars from "handlebars";
import { Document } from "yaml";
import { hcl } from "./hcl.ts";
import { hang } from "./indent.ts";
import { templateSource } from "./template.ts";

/** What Handlebars hands a helper last. */
interface HelperOptions {
  readonly loc: { readonly start: { readonly column: number } };
}

/**
 * Fills a template of `templates/policies/`, or of another folder for AWS, in. Two words write values so that none can leave its place: `hcl`, which
 * continues at the indentation of its line, and `yaml`, which continues at its own column.
 *
 * @param name of the template: `destination.tf`; `{{> role}}` is the template `_role` of the same kind.
 */
export function renderPolicyTemplate(
  name: string,
  context: object,
  folder: "policies" | "events" = "policies",
): string {
  const handlebars = Handlebars.create();
  const kind = name.slice(name.lastIndexOf("."));
  handlebars.registerPartial("role", templateSource(`policies/_role${kind}.hbs`));
  handlebars.registerHelper("hcl", (value: unknown) => hcl(value, 2));
  handlebars.registerHelper("yaml", (value: unknown, { loc }: HelperOptions) =>
    hang(yamlText(value), loc.start.column),
  );
  const text = handlebars.compile(templateSource(`${folder}/${name}.hbs`), { noEscape: true })(context);
  return `${text.replace(/\n{3,}/g, "\n\n").trim()}\n`;
}

/**
 * Every text in quotes: an account's number or a policy's date would be another type without. What is there twice is
 * written twice, for CloudFormation knows no aliases.
 */
function yamlText(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  return document
    .toString({ defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN", lineWidth: 0 })
    .trimEnd();
}
