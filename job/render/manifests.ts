import { parse } from "yaml";
import { chartValues } from "./chart-values.ts";
import { computed } from "./computed.ts";
import { checkJob } from "./job-checks.ts";
import { releaseVocabulary, renderObject } from "./manifests-vocabulary.ts";
import { objectTemplates, serviceTemplates } from "./object-templates.ts";
import type { Release } from "./release.ts";
import type { RenderedFile } from "./rendered-file.ts";
import { checkServices } from "./services/service-checks.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { canonicalJson } from "./yaml-scalar.ts";

export interface ManifestsOptions {
  /** Name of the release: the beginning of the objects' names. */
  readonly name: string;
  /** Where the objects go; without it they name no namespace. */
  readonly namespace?: string;
}

/**
 * The objects that the chart would install for these values, each in a file of its own; none without images and
 * services.
 *
 * @param values what a values.yaml says; what is left out has the chart's default.
 * @throws {PromoterError} `InvalidConfiguration`, naming the path of each value that is wrong; `InvalidReference`.
 */
export function renderManifests(values: unknown, options: ManifestsOptions): RenderedFile[] {
  const vocabulary = vocabularyOf(releaseOf(values, options));
  return [...objectTemplates, ...serviceTemplates]
    .map(({ path, file }) => ({
      path: file,
      content: renderObject(path, vocabulary),
    }))
    .filter(({ content }) => content !== "\n");
}

function releaseOf(given: unknown, options: ManifestsOptions): Release {
  const values = chartValues(given);
  checkJob(values);
  checkServices(values, options);
  return { ...options, values };
}

function vocabularyOf(release: Release): Vocabulary {
  return releaseVocabulary(release, (name, partial) =>
    computed(name, release, () => canonicalJson(parse(partial("jobSpec")))),
  );
}
