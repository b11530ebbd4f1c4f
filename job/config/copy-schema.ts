import * as z from "zod";
import { parseDuration } from "./duration.ts";
import { parsedText } from "./parsed-text.ts";
import { repositorySchema } from "./repository-schema.ts";
import { concurrencyRange } from "./setting-values.ts";

/** How images are copied. */
export const copySchema = z.strictObject({
  concurrency: z
    .int()
    .min(concurrencyRange.least)
    .max(concurrencyRange.most)
    .optional()
    .describe("How many transfers run at a time; default 16"),
  timeout: parsedText(parseDuration).optional().describe("Longest time for the whole promotion: 30m, 1h30m"),
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
