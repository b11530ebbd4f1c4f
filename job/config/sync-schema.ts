import * as z from "zod";
import { linearExpression } from "../replication/linear-expression.ts";
import { nameSchema, repositoryPatterns } from "./environment-schema.ts";
import { parsedText } from "./parsed-text.ts";
import { parsePeriod } from "./period.ts";
import { routeSchema } from "./route-schema.ts";

const count = z.int().min(1).max(1_000_000);

const tagPatterns = z
  .array(
    z
      .string()
      .max(128)
      .regex(/^[\w*][\w.*-]*$/, "A pattern has letters, digits, . _ - and * for any characters"),
  )
  .min(1);

const tagRuleSchema = z
  .strictObject({
    include: tagPatterns.optional().describe("Patterns of tags, with * for any characters; all when absent"),
    exclude: tagPatterns.optional().describe("Patterns of tags that are left out"),
    semver: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .describe('Range of semantic versions: ">=1.2 <3", ^1.4; other tags are left out'),
    prerelease: z
      .boolean()
      .optional()
      .describe("Whether prereleases count where the range names none; default false"),
    regex: parsedText(linearExpression)
      .optional()
      .describe("Regular expression that whole tags match, without look-arounds and back references"),
    newest: count
      .optional()
      .describe("So many of those that are left: by version where semver is given, else by time of push"),
    pushedSince: parsedText(parsePeriod).optional().describe("How long ago the push may be: 30d, 12h"),
  })
  .refine(({ prerelease, semver }) => prerelease === undefined || semver !== undefined, {
    path: ["prerelease"],
    message: "Prereleases need semver beside them",
  });

/** One rule of what is replicated without being named. */
export const replicationRuleSchema = z
  .strictObject({
    name: nameSchema.describe("What the rule is called in reports and by --rule"),
    from: routeSchema.shape.from.optional().describe("HOST[/PREFIX] to copy from, instead of the routes"),
    to: routeSchema.shape.to.optional().describe("HOST[/PREFIX] to copy to; goes with from"),
    repositories: repositoryPatterns
      .optional()
      .describe("Patterns of repositories below the prefixes; all when absent"),
    exclude: repositoryPatterns.optional().describe("Patterns of repositories that are left out"),
    tags: tagRuleSchema.optional().describe("Which of their tags; all when absent"),
    limit: count.optional().describe("Most images of one repository in one run"),
  })
  .refine(({ from, to }) => (from === undefined) === (to === undefined), {
    message: "A way of its own needs both from and to",
  });

const keepSchema = z.strictObject({
  repositories: repositoryPatterns.optional().describe("Patterns of repositories; all when absent"),
  tags: tagPatterns.optional().describe("Patterns of tags; all when absent"),
});

/** What is replicated by rule, by `sync` and on push. */
export const syncSchema = z.strictObject({
  rules: z
    .array(replicationRuleSchema)
    .min(1)
    .refine((rules) => new Set(rules.map(({ name }) => name)).size === rules.length, {
      message: "Two rules have the same name",
    })
    .describe("What is replicated; an image that several admit is replicated once"),
  limit: count.optional().describe("Most images of one run; the others wait for the next"),
  keep: z.array(keepSchema).optional().describe("What is never removed from the destination by --prune"),
});

/** A rule as it is written. */
export type WrittenReplicationRule = z.output<typeof replicationRuleSchema>;
