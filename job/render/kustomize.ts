import { parse, stringify } from "yaml";
import { PromoterError } from "../error.ts";
import type { Fields } from "./fields.ts";
import { fieldOf } from "./hooks/plain-value.ts";
import type { KustomizeSource } from "./kustomize-source.ts";
import { renderManifests } from "./manifests.ts";
import type { RenderedFile } from "./rendered-file.ts";

export interface KustomizeOptions {
  /** The fields that say what runs, in the order in which the Job lists their images. */
  readonly sources: readonly KustomizeSource[];
  /** What a values.yaml of the chart says of the Job; its images are replaced. */
  readonly values: Fields;
  /** The beginning of the objects' names. */
  readonly name: string;
  readonly namespace?: string;
  /**
   * `replacements`: a list for the `replacements:` of the overlay. `transformer`: a folder for its `transformers:`,
   * which may lie outside of the overlay and so serve several.
   */
  readonly as: "replacements" | "transformer";
}

/**
 * What a Kustomize overlay includes: a folder of the Job and what it needs, and what puts the images into the Job that
 * the overlay ends up with.
 *
 * The Job's name is fixed, since kustomize knows no name with a hash of what a replacement puts in; that of the file is
 * of no use. A list of images that nothing has replaced is none that the Job can read, so it fails at once.
 *
 * {@link https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/replacements/}
 *
 * @throws {PromoterError} `Usage` without sources; `InvalidConfiguration` when the values are wrong.
 */
export function renderKustomize(options: KustomizeOptions): RenderedFile[] {
  if (options.sources.length === 0) {
    throw new PromoterError("Usage", "No workload runs an image that a route leads to", {
      hint: "Give -f what kustomize builds of the overlay, or name workloads: --workload Deployment/api:server",
    });
  }
  const objects = withFixedName(renderObjects(options));
  return [
    { path: "kustomization.yaml", content: kustomization(objects) },
    ...objects,
    ...(options.as === "replacements"
      ? replacementsFile(options, objects)
      : transformerFiles(options, objects)),
  ];
}

const placeholder = "kustomize.invalid/replaces:";
/** No image can be called so: where no replacement was made, the Job fails at once instead of promoting nothing. */
const unreadable = "Replaced by kustomize: ";

function renderObjects({ values, sources, name, namespace }: KustomizeOptions): RenderedFile[] {
  const images = sources.map((_, index) => `${placeholder}${index}`);
  const files = renderManifests(
    { ...values, images },
    { name, ...(namespace !== undefined && { namespace }) },
  );
  return files.map(({ path, content }) => ({ path, content: content.replaceAll(placeholder, unreadable) }));
}

/** The Job under the name of the other objects, without the hash of a list that is replaced anyway. */
function withFixedName(files: readonly RenderedFile[]): RenderedFile[] {
  return files.map(({ path, content }) => {
    if (path !== "job.yaml") return { path, content };
    const name = nameIn(content);
    return { path, content: content.replace(name, name.replace(/-[0-9a-f]{8}$/, "")) };
  });
}

function nameIn(content: string): string {
  const name: unknown = fieldOf(parse(content), "metadata", "name");
  if (typeof name === "string") return name;
  throw new PromoterError("Internal", "A rendered object has no name");
}

const comments = {
  replacements: `# Rendered by image-promoter render kustomize. In the overlay that sets the images:
#   resources: [FOLDER]
#   replacements: [{path: FOLDER/replacements.yaml}]
# Not in a Component: its replacements would read the images before the overlay sets them.
`,
  transformer: `# Rendered by image-promoter render kustomize. In the overlay that sets the images:
#   resources: [FOLDER]
#   transformers: [FOLDER/images]
# Not in a Component: its transformers would read the images before the overlay sets them.
`,
};

function kustomization(objects: readonly RenderedFile[]): string {
  return document({
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: objects.map(({ path }) => path),
  });
}

function replacementsFile(options: KustomizeOptions, objects: readonly RenderedFile[]): RenderedFile[] {
  const content = `${comments.replacements}${document(replacements(options, objects))}`;
  return [{ path: "replacements.yaml", content }];
}

function transformerFiles(options: KustomizeOptions, objects: readonly RenderedFile[]): RenderedFile[] {
  const transformer = {
    apiVersion: "builtin",
    kind: "ReplacementTransformer",
    metadata: { name: "image-promoter" },
    replacements: replacements(options, objects),
  };
  return [
    {
      path: "images/kustomization.yaml",
      content: kustomization([{ path: "transformer.yaml", content: "" }]),
    },
    { path: "images/transformer.yaml", content: `${comments.transformer}${document(transformer)}` },
  ];
}

/** The objects that list images, by their files. */
const lists: Readonly<Record<string, { readonly kind: string; readonly podSpec: string }>> = {
  "job.yaml": { kind: "Job", podSpec: "spec.template.spec" },
  "cron-job.yaml": { kind: "CronJob", podSpec: "spec.jobTemplate.spec.template.spec" },
};

/** One for each image: kustomize takes one object and one field for a source. */
function replacements({ sources }: KustomizeOptions, objects: readonly RenderedFile[]): readonly Fields[] {
  const targets = objects.flatMap(({ path, content }): Fields[] => {
    const list = lists[path];
    if (list === undefined) return [];
    const { kind, podSpec } = list;
    return [
      {
        select: { kind, name: nameIn(content) },
        fieldPaths: [`${podSpec}.containers.[name=promoter].env.[name=PROMOTER_IMAGES].value`],
      },
    ];
  });
  return sources.map((source, index) => ({
    source,
    targets: targets.map((target) => ({ ...target, options: { delimiter: "\n", index } })),
  }));
}

function document(value: unknown): string {
  return stringify(value, {
    schema: "yaml-1.1",
    lineWidth: 0,
    aliasDuplicateObjects: false,
    blockQuote: false,
  });
}
