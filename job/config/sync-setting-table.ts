import { defaulted, list, setting } from "./setting-forms.ts";
import { parseCount, parsePercent } from "./setting-numbers.ts";
import { asText, parseBoolean } from "./setting-values.ts";

/** The settings of replication by rule, and of removing what is no longer replicated. */
export const syncSettings = {
  rule: list({
    flag: "--rule <name>",
    variable: "PROMOTER_RULE",
    description: "rule of sync.rules in promoter.yaml to follow; all when absent",
    parse: asText,
  }),
  limit: setting({
    flag: "--limit <number>",
    variable: "PROMOTER_LIMIT",
    description: "most missing images that one run brings; the others wait for the next",
    path: "sync.limit",
    fromFile: (file) => file.sync?.limit,
    parse: parseCount,
  }),
  prune: defaulted({
    flag: "--prune",
    variable: "PROMOTER_PRUNE",
    description: "remove from the destination what rules no longer want and nothing uses",
    parse: parseBoolean,
    default: false,
  }),
  yes: defaulted({
    flag: "--yes",
    variable: "PROMOTER_YES",
    description: "remove without asking",
    parse: parseBoolean,
    default: false,
  }),
  force: defaulted({
    flag: "--force",
    variable: "PROMOTER_FORCE",
    description: "remove also more than the limits allow, and where nobody can say what is used",
    parse: parseBoolean,
    default: false,
  }),
  pruneLimit: defaulted({
    flag: "--prune-limit <number>",
    variable: "PROMOTER_PRUNE_LIMIT",
    description: "remove nothing where it would be more images than this",
    parse: parseCount,
    default: 100,
  }),
  pruneFraction: defaulted({
    flag: "--prune-fraction <percent>",
    variable: "PROMOTER_PRUNE_FRACTION",
    description:
      "remove nothing where it would be more than this part of the destination's tagged images, in percent",
    parse: parsePercent,
    default: 50,
  }),
} as const;
