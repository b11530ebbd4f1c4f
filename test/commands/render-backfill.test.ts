import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { runCommand } from "../scenarios/command-run.ts";

const way = ["--from", "dev.example.com", "--to", "prod.example.com"];
const fleet = Array.from({ length: 400 }, (_, number) => `prod.example.com/app-${number}:1`);
const monolith = Array.from({ length: 400 }, (_, number) => `prod.example.com/monolith:1.${number}`);
const configuration = `apiVersion: image-promoter/v1
kind: Promoter
routes: [{to: prod.example.com, from: dev.example.com}]
`;

interface IndexedJob {
  readonly kind: string;
  readonly spec: {
    readonly completions: number;
    readonly parallelism: number;
    readonly template: { readonly spec: { readonly containers: readonly Container[] } };
  };
}

interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
}

async function backfill(args: readonly string[], images: readonly string[] = []) {
  const listed = images.length === 0 ? [] : ["--images-file", "-"];
  const run = await runCommand(["render", "backfill", "--name", "move", ...listed, ...args], {
    input: images.map((image) => `${image}\n`).join(""),
    files: { "promoter.yaml": configuration },
  });
  const objects: readonly IndexedJob[] = parseAllDocuments(run.stdout).map((document) => document.toJS());
  const job = objects.find(({ kind }) => kind === "Job");
  const [container] = job?.spec.template.spec.containers ?? [];
  const env = Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value]));
  return { ...run, job, container, env };
}

describe("render backfill", () => {
  it("divides by repository where that is even enough, and says how", async () => {
    const { code, job, env, stderr } = await backfill([...way, "--parallelism=2", "--completions=4"], fleet);
    expect(code).toBe(0);
    expect(job?.spec).toMatchObject({ completions: 4, parallelism: 2 });
    expect(env).toMatchObject({ PROMOTER_SHARD_BY: "repository", PROMOTER_QUOTA_SHARE: "1/2" });
    expect(stderr).toMatch(/400 images in 4 shards of \d+ to \d+, divided by repository/);
  });

  it("divides by image where one repository has most, unless it is told not to", async () => {
    expect((await backfill([...way, "--completions=4"], monolith)).env.PROMOTER_SHARD_BY).toBe("image");
    const told = await backfill([...way, "--completions=4", "--shard-by=repository"], monolith);
    expect(told.env.PROMOTER_SHARD_BY).toBe("repository");
    expect(told.stderr).toContain("400 images in 4 shards of 0 to 400");
  });

  it("makes no more shards than images, nor pods than shards", async () => {
    const { job, env } = await backfill([...way, "--parallelism=8"], fleet.slice(0, 3));
    expect(job?.spec).toMatchObject({ completions: 3, parallelism: 3 });
    expect(env.PROMOTER_QUOTA_SHARE).toBe("1/3");
  });

  it("takes four shards for each of four pods by default", async () => {
    expect((await backfill(way, fleet)).job?.spec).toMatchObject({ completions: 16, parallelism: 4 });
  });

  it("hands the rules of sync on with their file, and the quotas that AWS raised", async () => {
    const args = ["--sync", "--config=promoter.yaml", "--ecr-quota=PutImage=100"];
    const { code, container, env } = await backfill(args);
    expect(code).toBe(0);
    expect(container?.args).toEqual(["sync"]);
    expect(env).toMatchObject({ PROMOTER_ECR_QUOTA: "PutImage=100", PROMOTER_SHARD_BY: "repository" });
  });

  it.each<[string, readonly string[], readonly string[], RegExp]>([
    ["no image is routed", way, ["elsewhere.example.com/app:1"], /no route leads to any/],
    [
      "images stand beside rules",
      ["--sync", "--config=promoter.yaml"],
      fleet,
      /what the rules of a configuration/,
    ],
    ["rules have no file", ["--sync", ...way], [], /what the rules of a configuration/],
    [
      "more shards should suffice than there are",
      [...way, "--completions=4", "--succeeded-count=5"],
      fleet,
      /There are 4 shards/,
    ],
    ["a number is none", [...way, "--parallelism=many"], fleet, /no whole number from 1/],
  ])("ends with 2 and writes nothing when %s", async (_why, args, images, says) => {
    const { code, stdout, stderr } = await backfill(args, images);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(says);
  });
});
