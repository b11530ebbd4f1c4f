import { describe, expect, it } from "vitest";
import type { PromotionReport } from "../../job/promotion/report.ts";
import { image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { crossAccountPull, type TwoAccounts, twoAccounts } from "./two-accounts.ts";

const names = Array.from({ length: 9 }, (_, number) => `team/app-${number}`);
const shards = 3;
const configuration = `apiVersion: image-promoter/v1
kind: Promoter
sync:
  rules:
    - name: everything
      repositories: [${names.join(", ")}]
      tags: { newest: 2 }
`;

describe.each(["repository", "image"])("sync in three shards, by %s", { timeout: 60_000 }, (by) => {
  it("brings each image once, whichever shard it is in, and asks about no repository in vain", async () => {
    await using world = await twoAccounts();
    world.allow("ecr:DescribeImages", "ecr:DescribeRepositories");
    for (const [seed, name] of names.entries()) {
      const source = world.dev(name);
      source.policyText = crossAccountPull("ecr:DescribeImages");
      for (const tag of [1, 2, 3]) {
        const pushedAt = tag * 86_400_000;
        placeImage(source, image({ seed: 10 * seed + tag }), { tags: [String(tag)], pushedAt });
      }
      world.prod(name);
    }
    const reports = [];
    for (let index = 0; index < shards; index += 1) reports.push(await syncShard(world, index, by));
    const copied = reports.flatMap(({ images }) =>
      images.map(({ destination, status }) => ({ destination, status })),
    );
    expect(copied).toHaveLength(2 * names.length);
    expect(new Set(copied.map(({ destination }) => destination)).size).toBe(copied.length);
    expect(copied.every(({ status }) => status === "copied")).toBe(true);
    for (const [seed, name] of names.entries()) {
      const tags = Object.fromEntries(world.prod(name).imageTags);
      expect(tags).toEqual(
        Object.fromEntries([2, 3].map((tag) => [tag, rootDigest(image({ seed: 10 * seed + tag }))])),
      );
    }
    const listed = world.emulator.requests.filter(({ action }) => action === "DescribeImages");
    // Source and destination, once for each repository or, where each may have some of it, for each shard.
    expect(listed).toHaveLength(2 * names.length * (by === "repository" ? 1 : shards));
  });
});

async function syncShard(world: TwoAccounts, index: number, by: string): Promise<PromotionReport> {
  const { code, stdout, stderr } = await world.run(["sync", "--config", "promoter.yaml", "-o", "json"], {
    files: { "promoter.yaml": configuration },
    env: {
      PROMOTER_SHARDS: String(shards),
      PROMOTER_SHARD_BY: by,
      PROMOTER_ECR_QUOTA: "PutImage=1000",
      JOB_COMPLETION_INDEX: String(index),
    },
  });
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}
