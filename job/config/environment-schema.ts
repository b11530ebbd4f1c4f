import * as z from "zod";
import { ecrHostOf } from "../ecr/registry-host.ts";
import { PromoterError } from "../error.ts";
import { isRepositoryName } from "../oci/reference.ts";
import { copySchema } from "./copy-schema.ts";
import { attestationSchema, gatesSchema } from "./gate-schema.ts";
import { namePattern } from "./name-pattern.ts";
import { notifySchema } from "./notify-schema.ts";
import { parsedText } from "./parsed-text.ts";
import { namesItsRole, roleArn, roleFields, roleMissing } from "./registry-schema.ts";
import { parseRegistryPrefix } from "./route-flag.ts";
import { routeSchema } from "./route-schema.ts";

/** The name of an environment or of a module. */
export const nameSchema = z
  .string()
  .regex(namePattern, "A name has up to 63 of a-z, 0-9 and -, not at its ends");

/** Repositories, by the part of their names that is the same in every environment. */
export const repositoryPatterns = z
  .array(
    z
      .string()
      .max(256)
      .regex(/^[a-z0-9*][a-z0-9._/*-]*$/, "A pattern has a-z, 0-9, . _ - / and * for any characters"),
  )
  .min(1);

const selection = z.strictObject({
  include: repositoryPatterns.optional().describe("Repositories whose images are promoted; all when absent"),
  modules: z.array(z.string()).min(1).optional().describe("The same by the names of modules"),
  exclude: repositoryPatterns.optional().describe("Repositories whose images somebody else brings"),
});

/** YAML reads an account without quotes as a number, which has lost its leading zeros. */
const account = z.union([
  z.string().regex(/^\d{12}$/, "An account has 12 digits"),
  z
    .int()
    .min(100_000_000_000, "An account has 12 digits; put it in quotes when it begins with 0")
    .max(999_999_999_999, "An account has 12 digits"),
]);

const oneRegistry = "An environment has either account and region, or registry";

/** One environment: where its images are, and where they come from. */
export const environmentSchema = z
  .strictObject({
    account: account.optional().describe("AWS account of the environment's ECR registry; goes with region"),
    region: z
      .string()
      .refine((region) => ecrHostOf("000000000000", region) !== undefined, "This is no AWS region")
      .optional()
      .describe("Region of the registry: eu-west-1"),
    registry: parsedText(parseBareHost)
      .optional()
      .describe("HOST[:PORT] of the registry, instead of account and region"),
    prefix: z
      .string()
      .refine(isRepositoryName, "A prefix is the beginning of a repository's name, without / at its ends")
      .optional()
      .describe("What the names of the environment's repositories begin with, before a /"),
    promotesFrom: z
      .array(z.string())
      .min(1)
      .optional()
      .describe("Environments that images come from; of several, the first that has the image"),
    routes: z.array(routeSchema).optional().describe("Further routes for this environment alone"),
    manifests: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe(
        "What is to run here, for status: the folder of an overlay or a chart, or a file of manifests",
      ),
    images: selection.optional().describe("Which repositories are promoted; all when absent"),
    copy: copySchema.optional().describe("How images are copied, where it differs from the copy of all"),
    gates: gatesSchema
      .optional()
      .describe("What must hold here before an image is promoted, where it differs"),
    attestation: attestationSchema.optional().describe("What is attached to images here, where it differs"),
    notify: notifySchema.optional().describe("Who is told of promotions here, instead of those of all"),
    strict: z.boolean().optional().describe("Whether an image that no route leads to is an error"),
    ...roleFields,
    jobRoleArn: roleArn.optional().describe("IAM role of the Job in this environment's cluster"),
  })
  .refine(namesItsRole, roleMissing)
  .refine((entry) => entry.registry === undefined || !(entry.account ?? entry.region), {
    path: ["registry"],
    message: oneRegistry,
  })
  .refine(
    (entry) => entry.registry !== undefined || (entry.account !== undefined && entry.region !== undefined),
    {
      message: oneRegistry,
    },
  );

/** An environment as it is written. */
export type WrittenEnvironment = z.output<typeof environmentSchema>;

function parseBareHost(text: string): void {
  const { prefix } = parseRegistryPrefix(text);
  if (prefix === "") return;
  throw new PromoterError(
    "InvalidConfiguration",
    `The registry ${JSON.stringify(text.slice(0, 300))} has a path`,
    {
      hint: "Write the host alone, and what repositories begin with in the field prefix",
    },
  );
}
