import { describe, expect, it } from "vitest";
import { shardingOf } from "../../job/config/sharding.ts";
import { thrownBy } from "../images/thrown-by.ts";

const none = { flags: {}, env: {} };

describe("the shard of a run", () => {
  it("is none unless somebody says how many there are", () => {
    expect(shardingOf(none)).toEqual({ quotaShare: 1, ecrQuotas: new Map(), missingOnly: false });
    // An Indexed Job of another kind has an index, too.
    expect(shardingOf({ ...none, env: { JOB_COMPLETION_INDEX: "3" } })).not.toHaveProperty("shard");
  });

  it.each([
    ["flags", { flags: { shards: "8", shard: "3" }, env: {} }],
    ["variables", { flags: {}, env: { PROMOTER_SHARDS: "8", PROMOTER_SHARD: "3" } }],
    ["an Indexed Job", { flags: {}, env: { PROMOTER_SHARDS: "8", JOB_COMPLETION_INDEX: "3" } }],
    [
      "a flag over the Job",
      { flags: { shard: "3" }, env: { PROMOTER_SHARDS: "8", JOB_COMPLETION_INDEX: "7" } },
    ],
  ])("comes by %s, with its part of the quotas", (_, input) => {
    expect(shardingOf(input)).toMatchObject({
      shard: { index: 3, count: 8, by: "repository" },
      quotaShare: 1 / 8,
    });
  });

  it("may be by image, and have another part of the quotas where not all run at a time", () => {
    const env = { PROMOTER_SHARDS: "64", JOB_COMPLETION_INDEX: "0", PROMOTER_SHARD_BY: "image" };
    expect(shardingOf({ flags: { quotaShare: "1/8" }, env })).toMatchObject({
      shard: { index: 0, count: 64, by: "image" },
      quotaShare: 0.125,
    });
  });

  it("of one shard alone needs no index", () => {
    expect(shardingOf({ flags: { shards: "1" }, env: {} }).shard).toEqual({
      index: 0,
      count: 1,
      by: "repository",
    });
  });

  it.each([
    ["no index", { flags: { shards: "8" }, env: {} }, "Usage", /^Nobody said which of the 8 shards this is$/],
    ["no count", { flags: { shard: "1" }, env: {} }, "Usage", /^Nobody said how many shards there are$/],
    [
      "an index too far",
      { flags: { shards: "8", shard: "8" }, env: {} },
      "Usage",
      /^There is no shard 8 of 8/,
    ],
    [
      "an index that is none",
      { flags: { shards: "8" }, env: { JOB_COMPLETION_INDEX: "-1" } },
      "InvalidConfiguration",
      /^JOB_COMPLETION_INDEX is no index: "-1"$/,
    ],
    ["no shards", { flags: { shards: "0" }, env: {} }, "Usage", /^--shards: Cannot use "0"/],
    ["no share", { flags: { quotaShare: "2" }, env: {} }, "Usage", /^--quota-share: Cannot use "2"/],
    [
      "a share of nothing",
      { flags: { quotaShare: "1/0" }, env: {} },
      "Usage",
      /^--quota-share: Cannot use "1\/0"/,
    ],
    [
      "an action without a quota",
      { flags: { ecrQuota: ["PutImages=10"] }, env: {} },
      "Usage",
      /^--ecr-quota: /,
    ],
  ])("is refused: %s", (_, input, code, message) => {
    expect(thrownBy(() => shardingOf(input))).toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});

it("reads quotas that AWS has raised", () => {
  const { ecrQuotas } = shardingOf({
    flags: {},
    env: { PROMOTER_ECR_QUOTA: "PutImage=100,BatchGetImage=4000" },
  });
  expect([...ecrQuotas]).toEqual([
    ["PutImage", 100],
    ["BatchGetImage", 4000],
  ]);
});
