import { afterEach, describe, expect, it } from "vitest";
import type { SyncReport } from "../../job/replication/removal-report.ts";
import type { EmulatorOptions } from "../emulator/emulator-options.ts";
import type { Repository } from "../emulator/repository.ts";
import { referrer, signature } from "../fixtures/attachments.ts";
import { type ImageFixture, image, index, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import type { CommandOptions } from "./command-run.ts";
import {
  crossAccountPull,
  devAccount,
  prodAccount,
  prodHost,
  region,
  type TwoAccounts,
  twoAccounts,
} from "./two-accounts.ts";

const configuration = `apiVersion: image-promoter/v1
kind: Promoter
sync:
  rules:
    - name: releases
      repositories: [team/app]
      tags: { semver: "*", newest: 2 }
  keep:
    - tags: ["0.0.*"]
`;

const manifest = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec: { template: { spec: { containers: [{ name: web, image: "${prodHost}/team/app:1.1.0" }] } } }
`;

const unrelated = manifest.replace("team/app:1.1.0", "team/other:1");

let world: TwoAccounts;
afterEach(() => world[Symbol.asyncDispose]());

function version(minor: number): ImageFixture {
  return image({ seed: minor + 1 });
}

/** Five versions on both sides, of which rules want 1.4.0 and 1.3.0; the manifest above uses 1.1.0. */
async function fiveVersions(options: EmulatorOptions = {}): Promise<void> {
  world = await twoAccounts(options);
  world.allow("ecr:DescribeImages", "ecr:BatchDeleteImage");
  const source = world.dev("team/app");
  source.policyText = crossAccountPull("ecr:DescribeImages");
  for (const minor of [0, 1, 2, 3, 4]) {
    placeImage(source, version(minor), { tags: [`1.${minor}.0`] });
    placeImage(world.prod("team/app"), version(minor), { tags: [`1.${minor}.0`] });
  }
}

async function prune(args: readonly string[], options: CommandOptions = {}) {
  const done = await world.run(
    ["sync", "--config", "promoter.yaml", "-f", "web.yaml", "--prune", "-o", "json", ...args],
    { ...options, files: { "promoter.yaml": configuration, "web.yaml": manifest, ...options.files } },
  );
  const report: SyncReport | undefined = done.stdout === "" ? undefined : JSON.parse(done.stdout);
  const removals = (report?.removals ?? []).map(({ tags, status }) => `${status} ${tags.join(" ")}`);
  return { ...done, report, removals: removals.sort() };
}

function tagsThere(): string[] {
  return [...world.prod("team/app").imageTags.keys()].sort();
}

const all = ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0"];

describe("sync --prune", () => {
  it("removes what rules no longer want, and spares what manifests use", async () => {
    await fiveVersions();
    const { code, removals, report } = await prune(["--yes"]);
    expect(removals).toEqual(["removed 1.0.0", "removed 1.2.0", "spared 1.1.0"]);
    expect(report?.removals?.find(({ status }) => status === "spared")?.reason).toContain(
      "Deployment shop/web",
    );
    expect(code).toBe(0);
    expect(tagsThere()).toEqual(["1.1.0", "1.3.0", "1.4.0"]);
    expect((await prune(["--yes"])).removals).toEqual(["spared 1.1.0"]);
  });

  it("knows a registry by each of its names", async () => {
    await fiveVersions();
    const dualStack = manifest.replace(prodHost, `${prodAccount}.dkr-ecr.${region}.on.aws`);
    const { removals } = await prune(["--yes"], { files: { "web.yaml": dualStack } });
    expect(removals).toEqual(["removed 1.0.0", "removed 1.2.0", "spared 1.1.0"]);
    expect(tagsThere()).toEqual(["1.1.0", "1.3.0", "1.4.0"]);
  });

  it("spares what is pushed and promoted by others while it works", async () => {
    const sides: Repository[] = [];
    await fiveVersions({
      async beforeAnswer() {
        const [source, destination] = sides;
        if (!destination?.imageTags.has("1.5.0") || source?.imageTags.has("1.6.0")) return;
        for (const side of sides) placeImage(side, version(6), { tags: ["1.6.0"] });
      },
    });
    const source = world.emulator.repository(devAccount, region, "team/app");
    placeImage(source, version(5), { tags: ["1.5.0"] });
    sides.push(source, world.prod("team/app"));
    const { code, removals } = await prune(["--yes", "--prune-fraction", "90"]);
    expect(removals).toEqual(["removed 1.0.0", "removed 1.2.0", "removed 1.3.0", "spared 1.1.0"]);
    expect(tagsThere()).toEqual(["1.1.0", "1.4.0", "1.5.0", "1.6.0"]);
    expect(code).toBe(0);
  });

  it("says with --dry-run what it would remove, and why, and removes nothing", async () => {
    await fiveVersions();
    const { code, removals } = await prune(["--dry-run"]);
    expect(removals).toEqual(["spared 1.1.0", "to-remove 1.0.0", "to-remove 1.2.0"]);
    expect(code).toBe(0);
    expect(tagsThere()).toEqual(all);
  });

  it.each([
    ["yes", ["1.1.0", "1.3.0", "1.4.0"]],
    ["no", all],
    ["", all],
  ])("asks at a terminal, and goes by the answer %j", async (answer, left) => {
    await fiveVersions();
    const { code, stderr } = await prune([], { answers: [answer] });
    expect(stderr).toContain("Remove 2 of 5 images?");
    expect(code).toBe(0);
    expect(tagsThere()).toEqual(left);
  });

  it("keeps members, referrers and signatures of what stays, and takes those of what goes", async () => {
    await fiveVersions();
    const destination = world.prod("team/app");
    const [shared, single] = [image({ seed: 50 }), image({ seed: 51 })];
    const [stays, goes] = [index([shared]), index([shared, single])];
    const sbom = referrer(goes);
    const signed = signature(goes);
    const kept = signature(version(4));
    placeImage(destination, stays, { tags: ["0.0.1"] });
    placeImage(destination, goes, { tags: ["0.1.0"] });
    placeImage(destination, sbom);
    placeImage(destination, signed.fixture, { tags: [signed.tag] });
    placeImage(destination, kept.fixture, { tags: [kept.tag] });
    const { code, report } = await prune(["--yes"]);
    expect(report?.pruneError).toBeUndefined();
    expect(code).toBe(0);
    const there = (fixture: ImageFixture) => destination.manifests.has(rootDigest(fixture));
    expect([stays, shared, kept.fixture].map(there)).toEqual([true, true, true]);
    expect([goes, single, sbom, signed.fixture].map(there)).toEqual([false, false, false, false]);
  });

  it.each([
    ["the number", ["--prune-limit", "1"]],
    ["the part", ["--prune-fraction", "39"]],
  ])("removes nothing beyond %s that is allowed, but with --force", async (_what, args) => {
    await fiveVersions();
    const { code, report } = await prune(["--yes", ...args]);
    expect(report?.pruneError).toMatchObject({ code: "PruneRefused" });
    expect(code).toBe(4);
    expect(tagsThere()).toEqual(all);
    expect((await prune(["--yes", "--force", ...args])).code).toBe(0);
    expect(tagsThere()).toHaveLength(3);
  });

  it("refuses without anybody to agree, before anything is asked", async () => {
    await fiveVersions();
    const { code, stderr } = await prune([]);
    expect(stderr).toContain("--yes");
    expect(code).toBe(2);
    expect(world.emulator.requests).toEqual([]);
  });

  it("refuses without knowing what is used", async () => {
    await fiveVersions();
    const { code, stdout } = await world.run(
      ["sync", "--config", "promoter.yaml", "--prune", "--yes", "-o", "text"],
      { files: { "promoter.yaml": configuration } },
    );
    expect(stdout).toContain("nobody can say what is still used");
    expect(code).toBe(4);
    expect(tagsThere()).toEqual(all);
  });

  it.each<[string, Record<string, string>, string]>([
    ["a kubeconfig", { KUBECONFIG: "nowhere/config" }, "InvalidConfiguration"],
    ["a pod without a token", { KUBERNETES_SERVICE_HOST: "127.0.0.1" }, "CredentialsUnavailable"],
  ])("removes nothing where the cluster of %s cannot be asked", async (_what, env, error) => {
    await fiveVersions();
    const { code, report } = await prune(["--yes", "--force"], { env });
    expect(report?.pruneError?.code).toBe(error);
    expect(code).toBe(4);
    expect(tagsThere()).toEqual(all);
  });

  it("is for no shard", async () => {
    await fiveVersions();
    const { code, stderr } = await prune(["--yes", "--shards", "2", "--shard", "0"]);
    expect(stderr).toContain("shard");
    expect(code).toBe(2);
    expect(tagsThere()).toEqual(all);
  });

  it("removes nothing where the source has suddenly lost everything", async () => {
    await fiveVersions();
    world.dev("team/app").imageTags.clear();
    const { code, report } = await prune(["--yes"], { files: { "web.yaml": unrelated } });
    expect(report?.pruneError).toMatchObject({ code: "PruneRefused" });
    expect(code).toBe(4);
    expect(tagsThere()).toEqual(all);
  });

  it("tells people and pull requests what would go", async () => {
    await fiveVersions();
    const as = (format: string) =>
      world.run(
        ["sync", "--config", "promoter.yaml", "-f", "web.yaml", "--prune", "--dry-run", "-o", format],
        {
          files: { "promoter.yaml": configuration, "web.yaml": manifest },
        },
      );
    const text = (await as("text")).stdout;
    expect(text).toMatch(
      /to remove {2}222222222222\S+team\/app@sha256:\S+ \(1\.0\.0\) {2}No rule wants it any more/,
    );
    expect(text).toContain("2 to remove, 1 spared");
    expect((await as("markdown")).stdout).toContain("#### Removal: 2 to remove, 1 spared");
  });

  it.each([
    ["the source cannot be listed", "DescribeImages", "PruneRefused", []],
    ["a manifest cannot be read", "BatchGetImage", "PruneRefused", []],
    ["removing is denied", "BatchDeleteImage", undefined, ["failed 1.0.0", "failed 1.2.0", "spared 1.1.0"]],
  ])("removes nothing where %s", async (_what, action, error, expected) => {
    await fiveVersions();
    world.role.identity.policies.push({
      Version: "2012-10-17",
      Statement: [{ Effect: "Deny", Action: `ecr:${action}`, Resource: "*" }],
    });
    const { code, report, removals } = await prune(["--yes"]);
    expect(report?.pruneError?.code).toBe(error);
    expect(removals).toEqual(expected);
    expect(code).toBe(4);
    expect(tagsThere()).toEqual(all);
  });
});
