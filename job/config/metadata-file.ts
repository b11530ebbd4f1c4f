import * as z from "zod";
import { parsePlatform } from "../index-assembly/platform.ts";
import { isRepositoryName } from "../oci/reference.ts";
import { checkedYaml } from "./checked-yaml.ts";
import { parsedText } from "./parsed-text.ts";
import { parseRegistryPrefix } from "./route-flag.ts";

/** What may stand in braces in a template, for `SOURCE` of each architecture and elsewhere. */
const words = {
  source: ["repository", "tag", "os", "architecture", "variant", "platform"],
  index: ["repository", "tag"],
} as const;

function template(known: readonly string[]) {
  const list = known.map((word) => `{${word}}`).join(" ");
  return z
    .string()
    .min(1)
    .max(1000)
    .superRefine((text, context) => {
      for (const [whole, word = ""] of text.matchAll(/\{([^{}]*)\}/g)) {
        if (known.includes(word)) continue;
        context.addIssue({
          code: "custom",
          message: `Nothing is known of ${whole}`,
          params: { hint: `Known here: ${list}` },
        });
      }
    });
}

const source = template(words.source).describe(
  "The image of one architecture, inside the registry; default {repository}:{tag}-{architecture}",
);
const architectures = z
  .array(parsedText(parsePlatform))
  .min(1)
  .describe("What is built for: amd64, arm64, linux/arm/v7, windows:10.0.20348.2700/amd64");
const format = z.enum(["oci", "docker"]).describe("Media types of the index; default oci");
const annotations = z
  .record(z.string().min(1), template(words.index))
  .describe("Annotations of the index; {repository} and {tag} may stand in them");
const repositoryName = z
  .string()
  .refine(isRepositoryName, "A repository has a-z, 0-9, separated inside by . _ __ or -, and joined by /");
const path = z.string().min(1).max(1000);

const repository = z.strictObject({
  name: repositoryName.describe("The repository, inside the registry: team/app"),
  architectures: architectures.optional(),
  source: source.optional(),
  tag: template(words.index).optional().describe("The index's tag; default {tag}"),
  format: format.optional(),
  annotations: annotations.optional(),
  context: path
    .optional()
    .describe("Folder to build in, for render workflow; default the top of the sources"),
  dockerfile: path
    .optional()
    .describe("Dockerfile inside that folder, for render workflow; default Dockerfile"),
});

/** metadata-multi.yaml: which repositories are built for which architectures. */
export const metadataSchema = z
  .strictObject({
    apiVersion: z.literal("image-promoter/v1").describe("Version of this format"),
    kind: z.literal("MultiArchitecture").describe("Always MultiArchitecture"),
    registry: parsedText(parseRegistryPrefix).describe("HOST[/PREFIX] of the repositories"),
    architectures: architectures.optional().describe("For repositories that do not say it themselves"),
    source: source.optional(),
    format: format.optional(),
    annotations: annotations.optional(),
    repositories: z.array(z.union([repositoryName, repository])).min(1),
  })
  .superRefine(checkRepositories);

type Written = z.output<typeof metadataSchema>;

/** One repository with all that holds for it. */
export interface BuiltRepository {
  /** Inside the registry. */
  readonly name: string;
  readonly architectures: readonly string[];
  readonly source: string;
  readonly tag: string;
  readonly format: "oci" | "docker";
  readonly annotations: Readonly<Record<string, string>>;
  readonly context: string;
  readonly dockerfile: string;
  /** Where it is written: `metadata-multi.yaml:12`. */
  readonly origin: string;
}

export interface Metadata {
  /** HOST[/PREFIX]. */
  readonly registry: string;
  readonly repositories: readonly BuiltRepository[];
}

/**
 * Reads a metadata-multi.yaml.
 *
 * @throws {PromoterError} `InvalidConfiguration` with place, line and caret for what is wrong.
 */
export function readMetadata(text: string, file: string): Metadata {
  const { data, placeOf } = checkedYaml(text, file, { schema: metadataSchema, beginHint });
  return {
    registry: data.registry,
    repositories: data.repositories.map((written, index) => {
      const own = typeof written === "string" ? { name: written } : written;
      return {
        name: own.name,
        architectures: own.architectures ?? data.architectures ?? [],
        source: own.source ?? data.source ?? "{repository}:{tag}-{architecture}",
        tag: own.tag ?? "{tag}",
        format: own.format ?? data.format ?? "oci",
        annotations: { ...data.annotations, ...own.annotations },
        context: own.context ?? ".",
        dockerfile: own.dockerfile ?? "Dockerfile",
        origin: `${file}:${placeOf(["repositories", index]).line}`,
      };
    }),
  };
}

const beginHint = "Begin with the lines\n  apiVersion: image-promoter/v1\n  kind: MultiArchitecture";

function checkRepositories(metadata: Written, context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const [index, written] of metadata.repositories.entries()) {
    const {
      name,
      tag,
      architectures: own,
    }: Partial<z.output<typeof repository>> = typeof written === "string" ? { name: written } : written;
    const at = ["repositories", index];
    const key = `${name}:${tag ?? "{tag}"}`;
    if (seen.has(key)) context.addIssue({ code: "custom", path: at, message: `${name} is here twice` });
    seen.add(key);
    if (own === undefined && metadata.architectures === undefined) {
      const message = `Nothing says what ${name} is built for`;
      const params = { hint: "Give it architectures, or the whole file: architectures: [amd64, arm64]" };
      context.addIssue({ code: "custom", path: at, message, params });
    }
  }
}
