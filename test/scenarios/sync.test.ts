import { afterEach, describe, expect, it } from "vitest";
import type { PromotionReport } from "../../job/promotion/report.ts";
import { image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { serve } from "../registry/sockets.ts";
import type { CommandOptions } from "./command-run.ts";
import { crossAccountPull, prodHost, type TwoAccounts, twoAccounts } from "./two-accounts.ts";

const lists = ["ecr:DescribeImages", "ecr:DescribeRepositories"];
const day = 24 * 3_600_000;

let world: TwoAccounts;
afterEach(() => world[Symbol.asyncDispose]());

/** Two accounts in which the Job may list what there is on both sides. */
async function listedAccounts(): Promise<TwoAccounts> {
  world = await twoAccounts();
  world.allow(...lists);
  // The whole of another account's registry is listed as one of its own roles.
  return world;
}

/** A repository of development that production may list and pull from. */
function dev(name: string) {
  const repository = world.dev(name);
  repository.policyText = crossAccountPull("ecr:DescribeImages");
  return repository;
}

function configuration(rules: string): string {
  return `apiVersion: image-promoter/v1\nkind: Promoter\nsync:\n${rules}`;
}

async function sync(rules: string, args: readonly string[] = [], options: CommandOptions = {}) {
  const files = { "promoter.yaml": configuration(rules), ...options.files };
  const done = await world.run(["sync", "--config", "promoter.yaml", "-o", "json", ...args], {
    ...options,
    files,
  });
  const report: PromotionReport | undefined = done.stdout === "" ? undefined : JSON.parse(done.stdout);
  const statuses = Object.fromEntries(
    (report?.images ?? []).map(({ destination, status }) => [
      destination.replace(`${prodHost}/`, ""),
      status,
    ]),
  );
  return { ...done, report, statuses };
}

const releases = `  rules:
    - name: releases
      repositories: [team/app]
      tags: { semver: ">=1.0.0", newest: 2 }
`;

describe("sync", () => {
  it("brings the newest versions that rules want, and nothing else", async () => {
    await listedAccounts();
    const source = dev("team/app");
    for (const [seed, tag] of ["0.9.0", "1.0.0", "1.9.0", "1.10.0", "2.0.0-rc.1", "latest"].entries()) {
      placeImage(source, image({ seed: seed + 1 }), { tags: [tag] });
    }
    world.prod("team/app");
    const { code, statuses, stderr } = await sync(releases);
    expect(stderr).not.toContain("error");
    expect(statuses).toEqual({ "team/app:1.10.0": "copied", "team/app:1.9.0": "copied" });
    expect(code).toBe(0);
    expect([...world.prod("team/app").imageTags.keys()].sort()).toEqual(["1.10.0", "1.9.0"]);
  });

  it("tells whoever is to be told, unless it only says what it would do", async () => {
    await listedAccounts();
    placeImage(dev("team/app"), image({ seed: 1 }), { tags: ["1.0.0"] });
    world.prod("team/app");
    await using server = await serve((_seen, response) => response.end("ok"));
    const env = { HOOK: server.url.href, PROMOTER_NOTIFY: `\${env:HOOK}` };
    expect(await sync(releases, ["--dry-run"], { env })).toMatchObject({ code: 0 });
    expect(server.seen).toHaveLength(0);
    const { code, report } = await sync(releases, [], { env });
    expect(code).toBe(0);
    expect(server.seen.map(({ body }) => JSON.parse(body))).toEqual([report]);
  });

  it("asks nothing more of what both registries list at the same digest", async () => {
    await listedAccounts();
    const fixture = image();
    placeImage(dev("team/app"), fixture, { tags: ["1.0.0"] });
    placeImage(world.prod("team/app"), fixture, { tags: ["1.0.0"] });
    const { code, report } = await sync(releases);
    expect(report?.images).toMatchObject([{ status: "up-to-date", digest: rootDigest(fixture) }]);
    expect(code).toBe(0);
    expect(world.emulator.requests.filter(({ path }) => path.startsWith("/v2/"))).toEqual([]);
  });

  it("moves a tag that moved at the source", async () => {
    await listedAccounts();
    const [old, recent] = [image({ seed: 1 }), image({ seed: 2 })];
    placeImage(dev("team/app"), recent, { tags: ["1.0.0"] });
    placeImage(world.prod("team/app"), old, { tags: ["1.0.0"] });
    const { report } = await sync(releases);
    expect(report?.images).toMatchObject([{ status: "copied", previousDigest: rootDigest(old) }]);
  });

  it("chooses by the time of push", async () => {
    await listedAccounts();
    const source = dev("team/app");
    const now = Date.now();
    placeImage(source, image({ seed: 1 }), { tags: ["old"], pushedAt: now - 8 * day });
    placeImage(source, image({ seed: 2 }), { tags: ["recent"], pushedAt: now - 6 * day });
    world.prod("team/app");
    const { statuses } = await sync(`  rules:
    - name: recent
      repositories: [team/app]
      tags: { pushedSince: 7d }
`);
    expect(statuses).toEqual({ "team/app:recent": "copied" });
  });

  it("brings one part after the other under a limit", async () => {
    await listedAccounts();
    const source = dev("team/app");
    for (const minor of [1, 2, 3]) placeImage(source, image({ seed: minor }), { tags: [`1.${minor}.0`] });
    world.prod("team/app");
    const rules = `${releases.replace("newest: 2", "newest: 3")}      limit: 2\n  limit: 2\n`;
    const first = await sync(rules);
    expect(first.statuses).toEqual({
      "team/app:1.3.0": "copied",
      "team/app:1.2.0": "copied",
      "team/app:1.1.0": "skipped",
    });
    expect(first.code).toBe(0);
    expect((await sync(rules)).statuses["team/app:1.1.0"]).toBe("copied");
    expect((await sync(rules, ["--limit", "1"])).report?.summary.upToDate).toBe(3);
  });

  it("says with --dry-run what it would bring, and brings nothing", async () => {
    await listedAccounts();
    placeImage(dev("team/app"), image(), { tags: ["1.0.0"] });
    world.prod("team/app");
    const { report, code } = await sync(releases, ["--dry-run"]);
    expect(report).toMatchObject({ kind: "PromotionPlan", summary: { copied: 1 } });
    expect(code).toBe(0);
    expect(world.prod("team/app").imageTags.size).toBe(0);
  });

  it("adds what manifests name", async () => {
    await listedAccounts();
    placeImage(dev("team/app"), image({ seed: 1 }), { tags: ["1.0.0", "debug"] });
    world.prod("team/app");
    const manifest = `apiVersion: v1
kind: Pod
metadata: { name: web }
spec: { containers: [{ name: web, image: "${prodHost}/team/app:debug" }] }
`;
    const { statuses } = await sync(releases, ["-f", "-"], { input: manifest });
    expect(Object.keys(statuses).sort()).toEqual(["team/app:1.0.0", "team/app:debug"]);
  });

  it("finds repositories by pattern, and takes for a source what was not brought there itself", async () => {
    await listedAccounts();
    for (const [seed, name] of ["team/app", "team/web", "team/scratch-1", "base/node"].entries()) {
      placeImage(world.prod(name), image({ seed: seed + 1 }), { tags: ["1"] });
      world.prod(`copies/${name}`);
    }
    world.prod("copies/team/old");
    const { code, statuses } = await sync(
      `  rules: [{ name: all, repositories: ["*"], exclude: ["team/scratch-*"] }]\n`,
      ["--from", prodHost, "--to", `${prodHost}/copies`],
    );
    expect(statuses).toEqual({
      "copies/base/node:1": "copied",
      "copies/team/app:1": "copied",
      "copies/team/web:1": "copied",
    });
    expect(code).toBe(0);
  });

  it("reports a repository that is not there, and brings the others", async () => {
    await listedAccounts();
    placeImage(dev("team/app"), image(), { tags: ["1.0.0"] });
    world.prod("team/app");
    const { code, report, statuses } = await sync(releases.replace("[team/app]", "[team/app, team/none]"));
    expect(statuses).toEqual({ "team/app:1.0.0": "copied", "team/none": "failed" });
    expect(report?.images.find(({ status }) => status === "failed")?.error?.code).toBe("Denied");
    expect(code).toBe(4);
  });

  it.each([
    ["an unknown rule", releases, ["--rule", "other"], "No rule is called"],
    ["a wrong range", releases.replace(">=1.0.0", "new"), [], "no range of semantic versions"],
    ["nothing to do", "  rules: []\n", [], "rules"],
    ["a wrong expression", releases.replace("newest: 2", 'regex: "(a"'), [], "is not closed"],
    ["pruning without rules", "  limit: 1\n", ["--prune"], "rules"],
    [
      "pruning by some of the rules",
      releases,
      ["--prune", "--rule", "releases"],
      "what the other rules want",
    ],
  ])("refuses %s", async (_what, rules, args, message) => {
    await listedAccounts();
    const { code, stderr } = await sync(rules, args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
    expect(world.emulator.requests).toEqual([]);
  });
});
