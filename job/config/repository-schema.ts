import * as z from "zod";

const exclusionFilter = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[A-Za-z0-9._*-]+$/, "A filter has letters, digits, . _ - and *")
  .refine((text) => text.split("*").length <= 3, "A filter has at most two *");

/** An AWS policy document, written as YAML. */
const policyDocument = z.record(z.string(), z.unknown());

const encryption = z
  .strictObject({
    type: z.enum(["AES256", "KMS", "KMS_DSSE"]).describe("How ECR encrypts the images at rest"),
    kmsKey: z
      .string()
      .min(1)
      .max(2048)
      .optional()
      .describe("ARN, id or alias of the KMS key; the account's aws/ecr key when absent"),
  })
  .refine(({ type, kmsKey }) => kmsKey === undefined || type !== "AES256", {
    path: ["kmsKey"],
    message: "A key needs the type KMS or KMS_DSSE",
  });

/**
 * How missing repositories are created.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html}
 */
export const repositorySchema = z
  .strictObject({
    imageTagMutability: z
      .enum(["MUTABLE", "IMMUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"])
      .optional()
      .describe("Whether tags may be moved to other images"),
    exclusionFilters: z
      .array(exclusionFilter)
      .max(5)
      .optional()
      .describe("Tags for which the opposite holds, as patterns with *: sha256-* leaves room for signatures"),
    scanOnPush: z.boolean().optional().describe("Whether ECR scans each image that is pushed"),
    encryption: encryption.optional().describe("Encryption at rest; cannot be changed later"),
    lifecyclePolicy: policyDocument.optional().describe("The lifecycle policy, as YAML instead of JSON"),
    repositoryPolicy: policyDocument.optional().describe("The repository policy, as YAML instead of JSON"),
    tags: z.record(z.string().min(1).max(128), z.string().max(256)).optional().describe("AWS resource tags"),
  })
  .refine((s) => s.exclusionFilters === undefined || s.imageTagMutability !== undefined, {
    path: ["exclusionFilters"],
    message: "Exclusions need imageTagMutability beside them",
  })
  .refine(
    (s) => !s.imageTagMutability?.endsWith("_WITH_EXCLUSION") || (s.exclusionFilters?.length ?? 0) > 0,
    {
      path: ["imageTagMutability"],
      message: "This mutability needs exclusionFilters beside it",
    },
  );
