import { version } from "../version.ts";
import { chartMetadata } from "./chart-metadata.ts";
import { chartVocabulary, defineTemplate, helmName } from "./chart-vocabulary.ts";
import { commentedValues } from "./commented-values.ts";
import { objectTemplates, partialPath, partials, serviceTemplates } from "./object-templates.ts";
import type { RenderedFile } from "./rendered-file.ts";
import { renderTemplate, templatePaths, templateSource } from "./template.ts";
import { valuesSchemaFile } from "./values-schema.ts";
import { valuesTable } from "./values-table.ts";

/** The Helm chart, file by file. */
export function renderChart(): RenderedFile[] {
  return [
    { path: "Chart.yaml", content: chartMetadata() },
    { path: "values.yaml", content: commentedValues() },
    { path: "values.schema.json", content: valuesSchemaFile() },
    ...helmFiles(),
    ...partials.map((name) => ({
      path: `templates/_${partialFile(name)}.tpl`,
      content: partialTemplate(name),
    })),
    ...[...objectTemplates, ...serviceTemplates].map(({ name, file, path }) => ({
      path: `templates/${file}`,
      content: objectTemplate(name, path),
    })),
    { path: "templates/_objects.tpl", content: allObjects() },
    { path: "templates/_version.tpl", content: defineTemplate("version", version) },
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
}

const madeBy = "{{- /* Rendered from templates/ by `image-promoter render chart`: change it there. */ -}}\n";

/** What only the chart has, as it is. */
function helmFiles(): RenderedFile[] {
  return templatePaths("helm/").map((path) => ({
    path: path.slice("helm/".length),
    content: templateSource(path).replace("<!-- values -->", valuesTable),
  }));
}

function partialFile(name: string): string {
  return partialPath(name).replace(/^kubernetes\/_(.*)\.yaml\.hbs$/, "$1");
}

function partialTemplate(name: string): string {
  return `${madeBy}${defineTemplate(name, renderTemplate(partialPath(name), chartVocabulary))}`;
}

/** An object is a named template as well, so that a parent chart can have it for images of its own. */
function objectTemplate(name: string, path: string): string {
  const body = renderTemplate(path, chartVocabulary);
  return `${madeBy}${defineTemplate(name, body)}{{- include "${helmName(name)}" . }}\n`;
}

function allObjects(): string {
  const names = [
    ...objectTemplates.map(({ name }) => name).filter((name) => name !== "extraObjects"),
    "test",
  ];
  const documents = names.map((name) => `---\n{{ include "${helmName(name)}" . }}`);
  return `${madeBy}${defineTemplate("objects", documents.join("\n"))}`;
}
