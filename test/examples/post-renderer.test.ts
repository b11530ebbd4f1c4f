import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { checkHooks } from "../../job/render/hooks/hook-checks.ts";
import { runTool, type ToolRun, toolOutput } from "../integration/run-tool.ts";
import { runCommand } from "../scenarios/command-run.ts";
import { describeWithTool } from "../tool.ts";

const prod = "222222222222.dkr.ecr.eu-west-1.amazonaws.com";
const web = `${prod}/shop/web:1.4.2`;
const migrations = `${prod}/shop/migrations:1.4.2`;
const example = "examples/post-renderer";
const config = `--config=${resolve(example, "promoter.yaml")}`;
const isRouted = (image: string) => image.startsWith(prod);

let home = "";
let env: Readonly<Record<string, string>> = {};
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "promoter-helm-"));
  const program = join(home, "image-promoter");
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${resolve("job/main.ts")}' "$@"\n`);
  await chmod(program, 0o755);
  env = { HOME: home, HELM_DATA_HOME: join(home, "data"), PATH: `${home}:${process.env.PATH}` };
});
afterAll(() => rm(home, { recursive: true, force: true }));

function readJob(manifests: string) {
  const objects = parseAllDocuments(manifests).map((document) => document.toJS());
  const jobs = objects.filter((object) => object?.metadata?.labels?.["image-promoter/injected"] === "true");
  expect(jobs).toHaveLength(1);
  const variables: { name: string; value: string }[] = jobs[0].spec.template.spec.containers[0].env;
  return {
    annotations: jobs[0].metadata.annotations,
    images: variables.find(({ name }) => name === "PROMOTER_IMAGES")?.value.split("\n"),
  };
}

const withArgs = (...args: readonly string[]) => args.flatMap((arg) => ["--post-renderer-args", arg]);

describeWithTool("helm3", () => {
  const template = (...args: readonly string[]): Promise<ToolRun> =>
    runTool(
      "helm3",
      [
        "template",
        "shop",
        `${example}/chart`,
        "--post-renderer",
        "image-promoter",
        ...withArgs("inject", ...args),
      ],
      { env },
    );

  it("has the Job behind the chart's objects, which stay as they are", async () => {
    const plain = await toolOutput("helm3", ["template", "shop", `${example}/chart`], { env });
    const { code, stdout, stderr } = await template(config);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    for (const document of plain.split(/^---\n/m)) expect(stdout).toContain(document.trimEnd());
    expect(readJob(stdout).annotations).toMatchObject({ "argocd.argoproj.io/hook": "PreSync" });
  });

  it("shows no hooks to post-renderers, so their images are missing, which doctor tells", async () => {
    const { stdout } = await template(config);
    expect(readJob(stdout).images).toEqual([web]);
    expect(checkHooks(stdout, "-", { isRouted }).map(({ rule }) => rule)).toEqual(["images-not-promoted"]);
  });

  it("sees hooks in a pipe", async () => {
    const input = await toolOutput("helm3", ["template", "shop", `${example}/chart`], { env });
    const { stdout } = await runCommand(["inject", config], { input });
    expect(readJob(stdout).images).toEqual([web, migrations]);
    expect(checkHooks(stdout, "-", { isRouted })).toEqual([]);
  });

  it("fails, and says why, when manifests are wrong", async () => {
    const { code, stderr } = await template("--from=dev.example.com");
    expect(code).not.toBe(0);
    expect(stderr).toContain("A route needs both ends");
  });
});

describeWithTool("helm", () => {
  beforeAll(async () => {
    const plugin = join(home, "plugin");
    const { written } = await runCommand(["render", "plugin", "--for", "helm", "--output-dir", plugin]);
    await mkdir(plugin);
    for (const [path, content] of written) await writeFile(path, content);
    await toolOutput("helm", ["plugin", "install", plugin], { env });
  });

  const template = (...args: readonly string[]): Promise<ToolRun> =>
    runTool(
      "helm",
      ["template", "shop", `${example}/chart`, "--post-renderer", "image-promoter", ...withArgs(...args)],
      { env },
    );

  it("has the Job as a hook before the chart's own, whose images it lists too", async () => {
    const { code, stdout, stderr } = await template(config, "--hook=helm");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const { annotations, images } = readJob(stdout);
    expect(annotations).toMatchObject({
      "helm.sh/hook": "pre-install,pre-upgrade",
      "helm.sh/hook-weight": "-10",
    });
    expect(images?.sort()).toEqual([migrations, web]);
    expect(checkHooks(stdout, "-", { isRouted })).toEqual([]);
  });

  it("takes the Job for a hook of the release, not for one of its objects", async () => {
    const { stdout } = await runTool(
      "helm",
      [
        ...["install", "shop", `${example}/chart`, "--dry-run=client", "-o", "json"],
        ...["--post-renderer", "image-promoter", ...withArgs(config, "--hook=helm")],
      ],
      { env },
    );
    const { hooks, manifest } = JSON.parse(stdout) as { hooks: { name: string }[]; manifest: string };
    expect(hooks.map(({ name }) => name).sort()).toEqual([
      expect.stringMatching(/^image-promoter-[0-9a-f]{8}$/),
      "shop-migrate",
    ]);
    expect(manifest).not.toContain("image-promoter");
  });

  it("fails when the post-renderer does", async () => {
    const { code, stderr } = await template("--from=dev.example.com");
    expect(code).not.toBe(0);
    expect(stderr).toContain('plugin "image-promoter" exited with error');
  });
});
