import { parse } from "yaml";
import { type BackfillOptions, backfillValues } from "./backfill-values.ts";
import { chartValues } from "./chart-values.ts";
import { computed } from "./computed.ts";
import type { Computed } from "./computed-value.ts";
import { type ImageList, imageLists } from "./image-lists.ts";
import { hang } from "./indent.ts";
import { checkJob } from "./job-checks.ts";
import { jobConfiguration } from "./job-settings.ts";
import { releaseVocabulary, renderObject } from "./manifests-vocabulary.ts";
import { boundedName, indexedJobName } from "./names.ts";
import { objectTemplates } from "./object-templates.ts";
import type { Release } from "./release.ts";
import type { RenderedFile } from "./rendered-file.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { canonicalJson } from "./yaml-scalar.ts";

/** What a backfill's Job needs, as the Job of a sync does. */
const prerequisites = new Set(["serviceAccount", "role", "roleBinding", "configMap"]);

/**
 * An Indexed Job that promotes many images, each pod a share of them, with what it needs: the pods are those that the
 * chart would run. Its name, and those of its lists, change with what it does.
 * {@link https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode}
 *
 * @param values what a values.yaml says; what is left out has the chart's default.
 * @throws {PromoterError} `InvalidConfiguration`, naming the path of each value that is wrong; `InvalidReference`;
 * `Usage` when the images do not fit into ConfigMaps.
 */
export function renderBackfill(values: unknown, options: BackfillOptions): RenderedFile[] {
  const lists = "images" in options.work ? imageLists(options.work.images) : [];
  const release = releaseOf(values, lists, options);
  const names = lists.map(({ hash }, position) => listName(release, position, hash));
  const objects = objectTemplates
    .filter(({ name }) => prerequisites.has(name))
    .map(({ path, file }) => ({ path: file, content: renderObject(path, vocabularyOf(release, options)) }));
  const maps = lists.map(({ file, text }, position) => {
    const known = { listName: names[position] ?? "", listFile: file };
    const vocabulary = vocabularyOf(release, options, known);
    const withList: Vocabulary = { ...vocabulary, include: (_, column) => hang(text.trimEnd(), column) };
    return {
      path: file.replace(".txt", ".yaml"),
      content: renderObject("backfill/images.yaml.hbs", withList),
    };
  });
  // The images are in files: the variable that a Job of few has them in is empty.
  const job = renderObject("backfill/job.yaml.hbs", vocabularyOf(release, options, { images: "" }));
  return [...objects, ...maps, { path: "job.yaml", content: job }].filter(({ content }) => content !== "\n");
}

interface BackfillRelease extends Release {
  readonly values: Release["values"] & { readonly backfill: object };
}

function releaseOf(given: unknown, lists: readonly ImageList[], options: BackfillOptions): BackfillRelease {
  const { name, namespace, work } = options;
  const bare: Release = { name, ...(namespace !== undefined && { namespace }), values: chartValues(given) };
  if ("images" in work) checkJob({ ...bare.values, images: [...work.images] });
  const files = lists.map(({ file, hash }, position) => ({
    file,
    configMap: listName(bare, position, hash),
  }));
  return { ...bare, values: backfillValues(bare.values, files, options) };
}

function listName(release: Release, position: number, hash: string): string {
  return boundedName(release, `-images-${position}-${hash}`);
}

function vocabularyOf(
  release: BackfillRelease,
  { work }: BackfillOptions,
  known: Readonly<Record<string, Computed>> = {},
): Vocabulary {
  const configuration = "rules" in work ? work.rules : jobConfiguration(release.values);
  const own: Readonly<Record<string, Computed>> = {
    images: "in files",
    arguments: ["rules" in work ? "sync" : "promote", ...release.values.extraArgs],
    configuration,
    // Rules are read from a whole promoter.yaml, which has its routes.
    ...("rules" in work && { from: "", to: "" }),
    ...known,
  };
  return releaseVocabulary(release, (name, partial) => {
    if (name !== "jobName") return own[name] ?? computed(name, release, () => "");
    const parts = [release.values.backfill, parse(partial("podSpec"))];
    return indexedJobName(release, [...parts.map((part) => canonicalJson(part)), configuration]);
  });
}
