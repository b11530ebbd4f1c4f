import * as z from "zod";
import { PromoterError } from "../error.ts";
import { parseImagePath } from "../images/image-path.ts";
import type { ImageRequest } from "../images/image-request.ts";
import { parseReference } from "../oci/reference.ts";
import { parseDuration } from "./duration.ts";
import { parseEndpoint } from "./endpoint.ts";
import { parseHostPattern } from "./host-pattern.ts";
import { repositorySchema } from "./repository-schema.ts";
import { parseRegistryPrefix } from "./route-flag.ts";
import { concurrencyRange } from "./setting-values.ts";

/** A text that one of our parsers accepts; its message and hint become the issue's. */
function textFor(parse: (text: string) => unknown) {
  return z.string().superRefine((text, context) => {
    try {
      parse(text);
    } catch (error) {
      if (!(error instanceof PromoterError)) throw error;
      context.addIssue({ code: "custom", message: error.message, params: { hint: error.hint } });
    }
  });
}

const registryPrefix = textFor(parseRegistryPrefix);

const route = z.strictObject({
  to: registryPrefix.describe("HOST[/PREFIX] of the images that the manifests name"),
  from: z
    .union([registryPrefix, z.array(registryPrefix).min(1)])
    .describe("HOST[/PREFIX] to copy them from; of several, the first that has the image"),
});

const registry = z
  .strictObject({
    host: textFor(parseHostPattern).describe("HOST[:PORT], or *.SUFFIX for every host below it"),
    roleArn: z
      .string()
      .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, "This is no ARN of an IAM role")
      .optional()
      .describe("IAM role to assume for this registry"),
    externalId: z
      .string()
      .regex(/^[\w+=,.@:/-]{2,1224}$/, "An external id has 2 to 1224 of letters, digits and _+=,.@:/-")
      .optional()
      .describe("External id that the role's trust policy asks for"),
    sessionName: z
      .string()
      .regex(/^[\w+=,.@-]{2,64}$/, "A session name has 2 to 64 of letters, digits and _+=,.@-")
      .optional()
      .describe("Session name that CloudTrail shows"),
    endpoint: textFor(parseEndpoint)
      .optional()
      .describe("Address that stands in for the host: a proxy, a VPC endpoint, an emulator"),
    insecure: z.boolean().optional().describe("Whether the registry is spoken to in plain HTTP"),
  })
  .refine((entry) => entry.roleArn !== undefined || !(entry.externalId ?? entry.sessionName), {
    path: ["roleArn"],
    message: "externalId and sessionName need a roleArn beside them",
  })
  .refine((entry) => !entry.host.startsWith("*.") || !(entry.endpoint ?? entry.insecure), {
    path: ["host"],
    message: "endpoint and insecure need one host, not a suffix",
  });

const copy = z.strictObject({
  concurrency: z
    .int()
    .min(concurrencyRange.least)
    .max(concurrencyRange.most)
    .optional()
    .describe("How many transfers run at a time; default 16"),
  timeout: textFor(parseDuration).optional().describe("Longest time for the whole promotion: 30m, 1h30m"),
  overwrite: z
    .enum(["mutable", "never"])
    .optional()
    .describe("Whether a tag that stands for another image may be moved; default mutable"),
  referrers: z
    .enum(["all", "none", "required"])
    .optional()
    .describe("Whether signatures and attestations go along; required: fail where they cannot; default all"),
  createRepositories: z
    .union([z.boolean(), repositorySchema])
    .optional()
    .describe("Whether, and with which settings, missing repositories are created; default false"),
});

/** The configuration file, promoter.yaml. Strict: a key that it does not know is an error. */
export const configurationSchema = z
  .strictObject({
    apiVersion: z.literal("image-promoter/v1").describe("Version of this format"),
    kind: z.literal("Promoter").describe("Always Promoter"),
    routes: z.array(route).optional().describe("Which registry's images come from which"),
    images: z
      .array(textFor(parseReference))
      .optional()
      .describe("Images to promote, by their destination reference"),
    registries: z
      .array(registry)
      .optional()
      .describe("How to reach registries, where the defaults will not do"),
    copy: copy.optional().describe("How images are copied"),
    strict: z
      .boolean()
      .optional()
      .describe("Whether an image that no route leads to is an error; default false"),
    imagePaths: z
      .array(textFor(parseImagePath))
      .optional()
      .describe("Fields that hold an image beside those of pod specs: Kafka:spec.kafka.image"),
  })
  .describe("Configuration of image-promoter");

/** What promoter.yaml says, validated. */
export type PromoterConfiguration = Omit<z.output<typeof configurationSchema>, "images"> & {
  /** The file's path. */
  readonly source: string;
  readonly images: readonly ImageRequest[];
};

/** How to reach one registry, or all below a suffix. */
export type RegistrySettings = z.output<typeof registry>;
