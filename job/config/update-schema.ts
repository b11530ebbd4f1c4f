import * as z from "zod";
import { parsePlatform } from "../index-assembly/platform.ts";
import { isTag, parseReference } from "../oci/reference.ts";
import { linearExpression } from "../replication/linear-expression.ts";
import { updateStrategies } from "../update/application.ts";
import { treePath } from "../update/tree-path.ts";
import { versionConstraint } from "../update/version-constraint.ts";
import { parsedText } from "./parsed-text.ts";
import { updateGitSchema } from "./update-git-schema.ts";

const treePathText = parsedText((text) => treePath("", text)).max(1_000);
/** Taken from the application's folder, and checked with it. */
const targetPath = z.string().max(1_000);
const fieldPath = z.string().min(1).max(500);

const tagPattern = z
  .string()
  .max(128)
  .regex(/^[\w*][\w.*-]*$/, "A pattern has letters, digits, . _ - and * for any characters");

/** Where an image is written: the key says which kind of place. */
const targetSchema = z.union([
  z.strictObject({
    kustomization: targetPath.describe("Folder of the kustomization whose images: is written"),
    name: z
      .string()
      .min(1)
      .max(300)
      .optional()
      .describe("The image's name in the manifests; default: the image's"),
  }),
  z
    .strictObject({
      values: targetPath.describe("File of Helm values"),
      image: fieldPath.optional().describe("Field of the whole image: web.image"),
      name: fieldPath.optional().describe("Field of the image's name: image.repository"),
      tag: fieldPath.optional().describe("Field of its tag: image.tag"),
    })
    .refine(({ image, tag, name }) => (image === undefined) !== (tag === undefined) && !(image && name), {
      message: "Values have either image, or tag with or without name",
    }),
  z.strictObject({
    file: targetPath.describe("Manifest or patch: patch-image.yaml"),
    field: fieldPath
      .optional()
      .describe(
        "[Kind:]path of the field: Deployment:spec.template.spec.containers[0].image; default: all containers that run the image",
      ),
  }),
  z.strictObject({
    marker: z.string().min(1).max(200).describe("Name that comments beside values have"),
    in: targetPath.optional().describe("File or folder with them; default: the application's folder"),
  }),
]);

const policyFields = {
  strategy: z
    .enum(updateStrategies)
    .optional()
    .describe("How the newest tag is found; default semver, of semantic versions the highest"),
  constraint: parsedText((text) => versionConstraint(text, { prerelease: false, lenient: false }))
    .optional()
    .describe('Versions that may be updated to, for semver: ^1.4, ~2.0, ">=1.2 <3"; all when absent'),
  prerelease: z
    .boolean()
    .optional()
    .describe("Whether prereleases count where the constraint names none; default false"),
  partialVersions: z
    .boolean()
    .optional()
    .describe("Whether tags with fewer numbers are versions, as 1.2 for 1.2.0; default false"),
  tag: z
    .string()
    .refine(isTag, "A tag has up to 128 of letters, digits, _ . and -")
    .optional()
    .describe("Tag that digest follows; default: the one that stands there, else latest"),
  allow: parsedText(linearExpression)
    .optional()
    .describe("Regular expression that whole tags match, without look-arounds and back references"),
  ignore: z.array(tagPattern).optional().describe("Patterns of tags that are left out"),
  platforms: z
    .array(parsedText(parsePlatform))
    .optional()
    .describe("Platforms that the image has to run on: linux/amd64"),
  pin: z.boolean().optional().describe("Whether the digest is written beside the tag; default false"),
};

const imageSchema = z.strictObject({
  image: parsedText(parseReference).describe("The image as the manifests are to name it, without a tag"),
  alias: z.string().min(1).max(100).optional().describe("What it is called in reports and messages"),
  from: z
    .union([parsedText(parseReference), z.array(parsedText(parseReference)).min(1)])
    .optional()
    .describe("Where newer tags are looked for; default: where routes lead, else the image itself"),
  ...policyFields,
  write: z
    .array(targetSchema)
    .min(1)
    .optional()
    .describe("Where it is written, paths from the application's; default: the kustomization there"),
});

interface PathsOfApplication {
  readonly path?: string | undefined;
  readonly images: readonly { readonly write?: readonly object[] | undefined }[];
}

/** No path leads out of the repository, wherever in it the application is. */
function checkTargetPaths({ path = "", images }: PathsOfApplication, context: z.RefinementCtx): void {
  for (const [image, { write = [] }] of images.entries()) {
    for (const [position, target] of write.entries()) {
      for (const field of ["kustomization", "values", "file", "in"]) {
        const text: unknown = Object.entries(target).find(([name]) => name === field)?.[1];
        if (typeof text !== "string") continue;
        const found = parsedText((written) => treePath(treePath("", path), written)).safeParse(text);
        for (const { message } of found.error?.issues ?? [])
          context.addIssue({ code: "custom", message, path: ["images", image, "write", position, field] });
      }
    }
  }
}

const applicationSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[\w.-]{1,100}(?:\/[\w.-]{1,100})?$/, "A name has letters, digits, . _ and -")
      .describe("What the application is called in reports and messages"),
    repository: z
      .string()
      .min(1)
      .max(1_000)
      .describe("Git repository: https://HOST/PATH.git, git@HOST:PATH.git"),
    branch: z.string().min(1).max(200).optional().describe("Branch; default: the repository's own"),
    writeBranch: z
      .string()
      .min(1)
      .max(1_000)
      .optional()
      .describe("Template of the branch to write to, where that is another one"),
    path: treePathText.optional().describe("Folder of the application; default: the repository's root"),
    images: z.array(imageSchema).min(1).describe("Images that are kept up to date"),
  })
  .superRefine(checkTargetPaths);

/** What `update` keeps up to date in git. */
export const updateSchema = z.strictObject({
  git: updateGitSchema.optional().describe("How git is asked, and what commits say"),
  requestsPerSecond: z
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .describe("Requests to one registry in a second; default 20"),
  defaults: z
    .strictObject(policyFields)
    .optional()
    .describe("What holds for images that do not say otherwise"),
  applications: z
    .array(applicationSchema)
    .optional()
    .refine(
      (applications = []) => new Set(applications.map(({ name }) => name)).size === applications.length,
      { message: "Two applications have the same name" },
    )
    .describe("Applications, beside those whose annotations are read"),
});

export type WrittenUpdate = z.output<typeof updateSchema>;
export type WrittenApplication = z.output<typeof applicationSchema>;
export type WrittenUpdatedImage = z.output<typeof imageSchema>;
export type WrittenTarget = z.output<typeof targetSchema>;
