import { parseEcrQuota } from "./ecr-quota.ts";
import { choice, defaulted, list, setting } from "./setting-forms.ts";
import { parseShardCount, parseShardIndex, parseShare } from "./setting-numbers.ts";
import { parseBoolean } from "./setting-values.ts";

/** The settings by which one promotion is divided among several runs. */
export const shardingSettings = {
  shards: setting({
    flag: "--shards <number>",
    variable: "PROMOTER_SHARDS",
    description: "divide the images among so many runs, each of which does its own share",
    parse: parseShardCount,
  }),
  shard: setting({
    flag: "--shard <index>",
    variable: "PROMOTER_SHARD",
    description: "share that this run does, from 0; in an Indexed Job its JOB_COMPLETION_INDEX",
    parse: parseShardIndex,
  }),
  shardBy: choice({
    flag: "--shard-by <what>",
    variable: "PROMOTER_SHARD_BY",
    description: "what stays in one share: whole repositories, or no more than an image",
    choices: ["repository", "image"],
    default: "repository",
  }),
  quotaShare: setting({
    flag: "--quota-share <share>",
    variable: "PROMOTER_QUOTA_SHARE",
    description: "this run's share of ECR's request quotas: 1/8, 0.5; default 1, or one of the shards'",
    parse: parseShare,
  }),
  ecrQuota: list({
    flag: "--ecr-quota <action=rate>",
    variable: "PROMOTER_ECR_QUOTA",
    description: "requests per second that AWS grants where it raised a quota: PutImage=100",
    parse: parseEcrQuota,
  }),
  missingOnly: defaulted({
    flag: "--missing-only",
    variable: "PROMOTER_MISSING_ONLY",
    description: "list the destination's tags first, and ask no more of what has one, whatever it stands for",
    parse: parseBoolean,
    default: false,
  }),
} as const;
