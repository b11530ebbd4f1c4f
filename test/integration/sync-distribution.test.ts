import { afterEach, beforeEach, expect, it } from "vitest";
import { mediaTypes } from "../../job/oci/media-type.ts";
import type { SyncReport } from "../../job/replication/removal-report.ts";
import { image, index, rootDigest } from "../fixtures/image-fixture.ts";
import { pushOverHttp } from "../fixtures/push-over-http.ts";
import { runCommand } from "../scenarios/command-run.ts";
import { describeWithTool } from "../tool.ts";
import { type Distribution, startDistribution } from "./distribution.ts";

describeWithTool("docker-registry", () => {
  let [source, destination]: [Distribution?, Distribution?] = [];
  beforeEach(async () => {
    [source, destination] = await Promise.all([startDistribution(), startDistribution()]);
  });
  afterEach(async () => {
    await Promise.all([source?.[Symbol.asyncDispose](), destination?.[Symbol.asyncDispose]()]);
  });

  async function push(repository: string, tag: string, fixture = image({ seed: tag.length })) {
    await pushOverHttp(fixture, { registry: `http://${source?.address}`, repository, tags: [tag] });
  }

  async function sync(rules: string, args: readonly string[] = []) {
    const configuration = `apiVersion: image-promoter/v1
kind: Promoter
sync:
  rules: [{ name: all, ${rules} }]
`;
    const done = await runCommand(["sync", "--config", "promoter.yaml", "-o", "json", ...args], {
      files: { "promoter.yaml": configuration },
      env: { PROMOTER_FROM: `${source?.address}/dev`, PROMOTER_TO: `${destination?.address}/prod` },
    });
    const report: SyncReport = JSON.parse(done.stdout === "" ? "{}" : done.stdout);
    const images = report.images ?? [];
    return {
      ...done,
      report,
      statuses: images.map(({ destination: name, status }) => `${status} ${name.split("/prod/")[1]}`).sort(),
    };
  }

  async function tagsOf(repository: string): Promise<string[]> {
    const answer = await fetch(`http://${destination?.address}/v2/${repository}/tags/list`);
    const { tags } = (await answer.json()) as { tags?: string[] };
    return (tags ?? []).sort();
  }

  it("finds repositories in the catalog, and brings what their rules want", async () => {
    await push("dev/team/app", "1.0.0");
    await push("dev/team/app", "1.10.0", index([image({ seed: 8 }), image({ seed: 9 })]));
    await push("dev/team/app", "latest");
    await push("dev/base/node", "20.1.0");
    await push("other/app", "1.0.0");
    const rules = "repositories: ['team/*', base/node], tags: { semver: '*', newest: 1 }";
    const first = await sync(rules);
    expect(first.stderr).not.toContain("error");
    expect(first.statuses).toEqual(["copied base/node:20.1.0", "copied team/app:1.10.0"]);
    expect(first.code).toBe(0);
    expect((await sync(rules)).statuses).toEqual([
      "up-to-date base/node:20.1.0",
      "up-to-date team/app:1.10.0",
    ]);
  });

  it("says that it tells no times of push", async () => {
    await push("dev/app", "main");
    const { code, report } = await sync("repositories: [app], tags: { newest: 1 }");
    expect(report.images).toMatchObject([{ status: "failed", error: { code: "Unsupported" } }]);
    expect(code).toBe(4);
  });

  it("removes by digest what is no longer wanted, and no member of what stays", async () => {
    const member = image({ seed: 20 });
    await push("dev/app", "1.0.0");
    await push("dev/app", "1.1.0-amd64", member);
    await push("dev/app", "1.1.0", index([member]));
    const every = "repositories: ['*'], tags: { semver: '*', prerelease: true }";
    expect((await sync(every)).code).toBe(0);
    expect(await tagsOf("prod/app")).toEqual(["1.0.0", "1.1.0", "1.1.0-amd64"]);
    const newest = "repositories: ['*'], tags: { semver: '*', prerelease: true, newest: 1 }";
    const { code, report } = await sync(newest, ["--prune", "--yes", "--force"]);
    expect(report.pruneError).toBeUndefined();
    expect(report.removals?.map(({ tags, status }) => `${status} ${tags}`).sort()).toEqual([
      "removed 1.0.0",
      "spared 1.1.0-amd64",
    ]);
    expect(code).toBe(0);
    expect(await tagsOf("prod/app")).toEqual(["1.1.0", "1.1.0-amd64"]);
    const there = await fetch(`http://${destination?.address}/v2/prod/app/manifests/${rootDigest(member)}`, {
      headers: { accept: mediaTypes.ociManifest },
    });
    expect(there.status).toBe(200);
  });
});
