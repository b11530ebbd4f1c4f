import * as z from "zod";
import { parseImagePath } from "../images/image-path.ts";
import type { ImageRequest } from "../images/image-request.ts";
import { parseReference } from "../oci/reference.ts";
import { copySchema } from "./copy-schema.ts";
import { checkReferences } from "./environment-references.ts";
import { environmentSchema, nameSchema, repositoryPatterns } from "./environment-schema.ts";
import { attestationSchema, gatesSchema } from "./gate-schema.ts";
import { notifySchema } from "./notify-schema.ts";
import { parsedText } from "./parsed-text.ts";
import { registrySchema } from "./registry-schema.ts";
import { routeSchema } from "./route-schema.ts";
import { syncSchema } from "./sync-schema.ts";
import { updateSchema } from "./update-schema.ts";
import { webhookSchema } from "./webhook-schema.ts";

/** The configuration file, promoter.yaml. Strict: a key that it does not know is an error. */
export const configurationSchema = z
  .strictObject({
    apiVersion: z.literal("image-promoter/v1").describe("Version of this format"),
    kind: z.literal("Promoter").describe("Always Promoter"),
    environments: z
      .record(nameSchema, environmentSchema)
      .optional()
      .describe("Environments by name: their registries, and which promotes from which"),
    modules: z
      .record(nameSchema, repositoryPatterns)
      .optional()
      .describe("Groups of repositories by name, for environments to choose from"),
    routes: z.array(routeSchema).optional().describe("Which registry's images come from which"),
    images: z
      .array(parsedText(parseReference))
      .optional()
      .describe("Images to promote, by their destination reference"),
    registries: z
      .array(registrySchema)
      .optional()
      .describe("How to reach registries, where the defaults will not do"),
    copy: copySchema.optional().describe("How images are copied"),
    gates: gatesSchema.optional().describe("What must hold before an image is promoted; by default nothing"),
    sync: syncSchema.optional().describe("What is replicated by rule, without naming each image"),
    update: updateSchema.optional().describe("What is kept up to date in git, with the newest tags"),
    attestation: attestationSchema.optional().describe("What is attached to images after their promotion"),
    notify: notifySchema
      .optional()
      .describe("Who is told of promotions, by whom their reports are posted to"),
    webhook: webhookSchema.optional().describe("How serve answers admission requests"),
    strict: z
      .boolean()
      .optional()
      .describe("Whether an image that no route leads to is an error; default false"),
    imagePaths: z
      .array(parsedText(parseImagePath))
      .optional()
      .describe("Fields that hold an image beside those of pod specs: Kafka:spec.kafka.image"),
  })
  .superRefine(checkReferences)
  .describe("Configuration of image-promoter");

/** What promoter.yaml says, validated. */
export type PromoterConfiguration = Omit<z.output<typeof configurationSchema>, "images"> & {
  /** The file's path. */
  readonly source: string;
  readonly images: readonly ImageRequest[];
};

/** How to reach one registry, or all below a suffix. */
export type RegistrySettings = z.output<typeof registrySchema>;
