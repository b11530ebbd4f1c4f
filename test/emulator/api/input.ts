import { z } from "zod";

const repositoryNamePattern = "(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*";
const mustMatch = (pattern: string) => `must satisfy regular expression '${pattern}'`;

/** Shapes of the ECR API's inputs that several operations have. */
export const registryId = z
  .string()
  .regex(/^[0-9]{12}$/, mustMatch("[0-9]{12}"))
  .optional();

export const repositoryName = z
  .string({ error: "Member must not be null" })
  .min(2, "length must be at least 2")
  .max(256, "length must be at most 256")
  .regex(new RegExp(`^${repositoryNamePattern}$`), mustMatch(repositoryNamePattern));

/** What most operations are about. */
export const repositoryInput = z.object({ registryId, repositoryName });

export const imageId = z.object({ imageDigest: z.string().optional(), imageTag: z.string().optional() });

export const imageIds = z
  .array(imageId)
  .min(1, "Member must have length greater than or equal to 1")
  .max(100, {
    message: "Member must have length less than or equal to 100",
  });

export const paging = {
  nextToken: z.string().optional(),
  maxResults: z.int().min(1).max(1000, "Member must have value less than or equal to 1000").optional(),
};

export const tagMutability = z.enum([
  "MUTABLE",
  "IMMUTABLE",
  "IMMUTABLE_WITH_EXCLUSION",
  "MUTABLE_WITH_EXCLUSION",
]);

export const exclusionFilters = z
  .array(
    z.object({
      filterType: z.literal("WILDCARD"),
      filter: z
        .string()
        .min(1)
        .max(128)
        .regex(/^[0-9a-zA-Z._*-]{1,128}$/, mustMatch("[0-9a-zA-Z._*-]{1,128}"))
        .refine((filter) => filter.split("*").length <= 3, "a filter has at most 2 wildcards"),
    }),
  )
  .max(5, "Member must have length less than or equal to 5");

export const encryptionConfiguration = z.object({
  encryptionType: z.enum(["AES256", "KMS", "KMS_DSSE"]),
  kmsKey: z.string().max(2048).optional(),
});

/** Tags as the API writes them, turned into a record. */
export const tagList = z
  .array(z.object({ Key: z.string().min(1).max(128), Value: z.string().max(256) }))
  .transform((tags) => Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])));
