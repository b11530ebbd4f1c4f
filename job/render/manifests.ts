import { parse } from "yaml";
import { chartValues } from "./chart-values.ts";
import { computed } from "./computed.ts";
import { checkJob } from "./job-checks.ts";
import { releaseVocabulary } from "./manifests-vocabulary.ts";
import { objectTemplates } from "./object-templates.ts";
import type { Release } from "./release.ts";
import type { RenderedFile } from "./rendered-file.ts";
import { renderTemplate } from "./template.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { canonicalJson } from "./yaml-scalar.ts";

export interface ManifestsOptions {
  /** Name of the release: the beginning of the objects' names. */
  readonly name: string;
  /** Where the objects go; without it they name no namespace. */
  readonly namespace?: string;
}

/**
 * The objects that the chart would install for these values, each in a file of its own; none without images.
 *
 * @param values what a values.yaml says; what is left out has the chart's default.
 * @throws {PromoterError} `InvalidConfiguration`, naming the path of each value that is wrong; `InvalidReference`.
 */
export function renderManifests(values: unknown, options: ManifestsOptions): RenderedFile[] {
  const vocabulary = vocabularyOf(releaseOf(values, options));
  return objectTemplates
    .map(({ path, file }) => ({
      path: file,
      content: renderTemplate(path, vocabulary).replace(/^---\n/, ""),
    }))
    .filter(({ content }) => content.trim() !== "");
}

function releaseOf(given: unknown, options: ManifestsOptions): Release {
  const values = chartValues(given);
  checkJob(values);
  return { ...options, values };
}

function vocabularyOf(release: Release): Vocabulary {
  return releaseVocabulary(release, (name, partial) =>
    computed(name, release, () => canonicalJson(parse(partial("jobSpec")))),
  );
}
