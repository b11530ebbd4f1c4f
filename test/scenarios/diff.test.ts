import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EnvironmentDiff } from "../../job/comparison/environment-diff.ts";
import { image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { describeWithTool } from "../tool.ts";
import { runCommand } from "./command-run.ts";
import { devAccount, devHost, prodAccount, prodHost, twoAccounts } from "./two-accounts.ts";

const configuration = `apiVersion: image-promoter/v1
kind: Promoter
environments:
  development: {account: "${devAccount}", region: eu-west-1}
  staging: {account: "${prodAccount}", region: eu-west-1, prefix: staging, promotesFrom: [development]}
  production: {account: "${prodAccount}", region: eu-west-1, promotesFrom: [staging, development]}
`;
const staging = `${prodHost}/staging`;

const pods = (...images: readonly string[]) =>
  images
    .map(
      (name, index) =>
        `apiVersion: v1\nkind: Pod\nmetadata: {name: pod-${index}}\nspec: {containers: [{name: a, image: "${name}"}]}\n`,
    )
    .join("---\n");

const env = { PROMOTER_FROM: "", PROMOTER_TO: "", PROMOTER_CONFIG: "promoter.yaml" };
const filesOf = (a: string, b: string) => ({ "promoter.yaml": configuration, "a.yaml": a, "b.yaml": b });
const nginx = "docker.io/library/nginx:1.27";

describe("diff", () => {
  it("matches modules below hosts and prefixes, and tells digests and what is promoted", async () => {
    await using world = await twoAccounts();
    for (const [seed, name] of [
      "team/same",
      "team/changed",
      "team/moved",
      "team/retagged",
      "team/gone",
    ].entries()) {
      placeImage(world.prod(`staging/${name}`), image({ seed }), { tags: ["1"] });
      world.prod(name);
    }
    world.dev("team/new");
    placeImage(world.prod("team/same"), image({ seed: 0 }), { tags: ["1"] });
    placeImage(world.dev("team/changed"), image({ seed: 11 }), { tags: ["2"] });
    placeImage(world.prod("team/moved"), image({ seed: 12 }), { tags: ["1"] });
    placeImage(world.prod("team/retagged"), image({ seed: 3 }), { tags: ["1.0"] });
    const a = pods(
      nginx,
      ...["same", "changed", "moved", "retagged", "gone"].map((name) => `${staging}/team/${name}:1`),
    );
    const b = pods(
      nginx,
      `${prodHost}/team/same:1`,
      `${prodHost}/team/changed:2`,
      `${prodHost}/team/moved:1`,
      `${prodHost}/team/retagged:1.0`,
      `${prodHost}/team/new:1`,
    );
    const { code, stdout, stderr } = await world.run(["diff", "a.yaml", "b.yaml", "-o", "json"], {
      env,
      files: filesOf(a, b),
    });
    expect(stderr).toBe("");
    expect(code).toBe(3);
    const diff: EnvironmentDiff = JSON.parse(stdout);
    expect(Object.fromEntries(diff.modules.map(({ module, status }) => [module, status]))).toEqual({
      "docker.io/library/nginx": "same",
      "team/same": "same",
      "team/changed": "changed",
      "team/moved": "changed",
      "team/retagged": "retagged",
      "team/gone": "removed",
      "team/new": "added",
    });
    expect(diff.summary).toMatchObject({ modules: 7, changed: 2, same: 2, notPromoted: 2 });
    const changed = diff.modules.find(({ module }) => module === "team/changed");
    expect(changed).toEqual({
      module: "team/changed",
      status: "changed",
      a: [
        {
          image: `${staging}/team/changed:1`,
          tag: "1",
          digest: rootDigest(image({ seed: 1 })),
          promoted: true,
        },
      ],
      b: [
        {
          image: `${prodHost}/team/changed:2`,
          tag: "2",
          digest: rootDigest(image({ seed: 11 })),
          promoted: false,
          source: `${devHost}/team/changed:2`,
        },
      ],
    });
    expect(diff.modules.find(({ module }) => module === "team/new")?.b).toEqual([
      { image: `${prodHost}/team/new:1`, tag: "1", promoted: false },
    ]);
  });

  it("says by its exit code that nothing differs, in every format", async () => {
    await using world = await twoAccounts();
    placeImage(world.prod("staging/app"), image(), { tags: ["1"] });
    placeImage(world.prod("app"), image(), { tags: ["1"] });
    const files = filesOf(pods(`${staging}/app:1`), pods(`${prodHost}/app:1`));
    for (const format of ["text", "json", "yaml", "markdown"]) {
      const { code, stdout } = await world.run(["diff", "a.yaml", "b.yaml", "-o", format], { env, files });
      expect(code).toBe(0);
      expect(stdout).toContain(
        format === "json" ? '"same": 1' : format === "yaml" ? "same: 1" : "1 module: 1 same",
      );
    }
  });

  it("compares what is written when it is not to ask", async () => {
    const files = filesOf(
      pods(`${staging}/app:1`, `${staging}/b:1`),
      pods(`${prodHost}/app:2`, `${prodHost}/b:1`),
    );
    const args = ["diff", "a.yaml", "-", "--offline"];
    const { code, stdout } = await runCommand(args, { env, files, input: files["b.yaml"] });
    expect(code).toBe(3);
    expect(stdout).toBe("a.yaml → -\n~ changed   app  1 → 2\n2 modules: 1 changed, 1 same\n");
  });

  it("matches by repository where nobody says what belongs together", async () => {
    const files = filesOf(
      pods("dev.example.com/team/app:1", nginx),
      pods("prod.example.com/team/app:1", nginx),
    );
    const { code, stdout } = await runCommand(["diff", "a.yaml", "b.yaml", "--offline", "-o", "json"], {
      files,
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).modules.map(({ module }: { module: string }) => module)).toEqual([
      "docker.io/library/nginx",
      "team/app",
    ]);
  });

  it("does not take for the same what it could not ask about", async () => {
    await using world = await twoAccounts();
    placeImage(world.prod("app"), image(), { tags: ["1"] });
    placeImage(world.prod("staging/app"), image(), { tags: ["1"] });
    world.emulator.faults.add(
      { kind: ["manifest-head", "manifest-get"], path: /staging/ },
      { do: "status", status: 403 },
    );
    const files = filesOf(pods(`${staging}/app:1`), pods(`${prodHost}/app:1`));
    const { code, stdout } = await world.run(["diff", "a.yaml", "b.yaml"], { env, files });
    expect(code).toBe(4);
    expect(stdout).toMatch(
      /^\? unknown {3}app {2}1 → 1 \(sha256:\w{12}\) {2}promoted\n {4}\w+: .*staging\/app:1: /m,
    );
  });

  it.each([
    { args: ["-", "-"], says: "Standard input can be read once only" },
    { args: ["nowhere.yaml", "-"], says: "Cannot read nowhere.yaml" },
    { args: ["job", "-"], says: "job holds neither a kustomization.yaml nor a Chart.yaml" },
    { args: ["a.yaml"], says: "missing required argument 'b'" },
  ])("refuses $args: $says", async ({ args, says }) => {
    const { code, stderr } = await runCommand(["diff", ...args], {
      files: { "a.yaml": pods(nginx) },
      input: "",
    });
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });

  it("writes what registries and manifests say as text, never as markup", async () => {
    const files = filesOf(pods("x.example.com/app:1"), pods("x.example.com/a__b--c:2"));
    const name = "a|b<img>@team.yaml";
    const { stdout } = await runCommand(["diff", name, "b.yaml", "--offline", "-o", "markdown"], {
      files: { ...files, [name]: files["a.yaml"] },
    });
    expect(stdout.split("\n")[0]).toBe("### a&#124;b&lt;img&gt;@&#8203;team.yaml → b.yaml");
    expect(stdout).toContain("| added | <code>a&#95;&#95;b--c</code> |  | <code>2</code> |  |");
  });
});

describeWithTool(["kustomize", "helm"], () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "promoter-diff-"));
    await cp("examples/kustomize", folder, { recursive: true });
    await cp("examples/post-renderer/chart", join(folder, "chart"), { recursive: true });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("builds overlays and charts, and names the modules that differ", async () => {
    const config = ["--config", join(folder, "promoter.yaml"), "--offline"];
    const [dev, production] = ["dev", "production"].map((name) => join(folder, "overlays", name));
    const { code, stdout } = await runCommand(["diff", dev ?? "", production ?? "", ...config]);
    expect(code).toBe(3);
    expect(stdout).toMatch(
      /~ changed {3}shop\/api {2}1\.5\.0-rc\.1 → 1\.4\.2\n~ changed {3}shop\/web {2}3\.3\.0-rc\.2 → 3\.2\.0\n/,
    );
    const patch = join(folder, "overlays/dev/patch-image.yaml");
    const text = await readFile(patch, "utf8");
    await writeFile(patch, text.replaceAll("1.5.0-rc.1", "1.4.2").replaceAll("3.3.0-rc.2", "3.2.0"));
    const same = await runCommand(["diff", dev ?? "", production ?? "", ...config]);
    expect(same.stdout).not.toContain("shop/api");
    const chart = await runCommand(["diff", join(folder, "chart"), join(folder, "chart"), ...config]);
    expect(chart).toMatchObject({ code: 0, stdout: expect.stringContaining("same") });
  });
});
