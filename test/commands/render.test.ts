import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { runProgram } from "../../job/system-runtime.ts";
import { runCommand } from "../scenarios/command-run.ts";

const image = "prod.example.com/app:1";
const route = ["--from", "dev.example.com", "--to", "prod.example.com"];

function jobIn(text: string) {
  const objects = parseAllDocuments(text).map((document) => document.toJS());
  return objects.find(({ kind }) => kind === "Job");
}

function variable(job: ReturnType<typeof jobIn>, name: string): string | undefined {
  const [{ env }] = job.spec.template.spec.containers;
  return env.find((entry: { name: string }) => entry.name === name)?.value;
}

describe("render manifests", () => {
  it("writes the objects for images and options of the command line", async () => {
    const args = ["--overwrite", "never", "--timeout", "5m", "--name", "shop", "--namespace", "apps"];
    const { code, stdout } = await runCommand(["render", "manifests", image, ...route, ...args]);
    expect(code).toBe(0);
    const job = jobIn(stdout);
    expect(job.metadata).toMatchObject({
      name: expect.stringMatching(/^shop-image-promoter-\w{8}$/),
      namespace: "apps",
    });
    expect(variable(job, "PROMOTER_IMAGES")).toBe(image);
    expect(variable(job, "PROMOTER_FROM")).toBe("dev.example.com");
    expect(variable(job, "PROMOTER_TO")).toBe("prod.example.com");
    expect(variable(job, "PROMOTER_OVERWRITE")).toBe("never");
    expect(variable(job, "PROMOTER_TIMEOUT")).toBe("5m");
  });

  it("lays --set over files of values, the later over the earlier, and those over the settings", async () => {
    const files = {
      "a.yaml": "job: {backoffLimit: 5, activeDeadlineSeconds: 60}\npodSecurityContext: {runAsUser: null}",
      "b.yaml": "job: {backoffLimit: 4}\nimages: [prod.example.com/other:2]",
    };
    const { code, stdout } = await runCommand(
      [
        "render",
        "manifests",
        image,
        ...route,
        "--values",
        "a.yaml",
        "--values",
        "b.yaml",
        "--set",
        "job.backoffLimit=0",
      ],
      { files },
    );
    expect(code).toBe(0);
    const { spec } = jobIn(stdout);
    expect(spec).toMatchObject({ backoffLimit: 0, activeDeadlineSeconds: 60 });
    expect(spec.template.spec.securityContext).not.toHaveProperty("runAsUser");
    expect(variable(jobIn(stdout), "PROMOTER_IMAGES")).toBe(`prod.example.com/other:2\n${image}`);
  });

  it("takes the images of manifests that a route leads to", async () => {
    const pod = (name: string) =>
      `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: "${name}"}]}\n`;
    const { stdout } = await runCommand(["render", "manifests", "-f", "-", ...route], {
      input: `${pod(image)}---\n${pod("docker.io/library/nginx:1")}`,
    });
    expect(variable(jobIn(stdout), "PROMOTER_IMAGES")).toBe(image);
  });

  it("reads the routes of promoter.yaml", async () => {
    const promoter =
      "apiVersion: image-promoter/v1\nkind: Promoter\nroutes:\n  - {to: prod.example.com, from: dev.example.com}\n  - {to: b.example.com, from: c.example.com}\n";
    const { stdout } = await runCommand(["render", "manifests", image, "--config", "promoter.yaml"], {
      files: { "promoter.yaml": promoter },
    });
    const job = jobIn(stdout);
    expect(variable(job, "PROMOTER_CONFIG")).toBe("/etc/image-promoter/promoter.yaml");
    expect(job.spec.template.spec.volumes).toHaveLength(1);
  });

  it("writes nothing, and says so, when no route leads to an image", async () => {
    const { code, stdout, stderr } = await runCommand(["render", "manifests", "docker.io/nginx:1", ...route]);
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toContain("There is nothing to write");
  });

  it.each([
    [["--set", "job.backoffLimit=many"], "job.backoffLimit: Expected a number"],
    [["--set", "jobs=1"], 'Unknown field "jobs", did you mean "job"?'],
    [["--values", "a.yaml"], "a.yaml"],
  ])("refuses %j", async (args, said) => {
    const { code, stderr, stdout } = await runCommand(["render", "manifests", image, ...route, ...args]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(said);
  });
});

describe("--output-dir and --check", () => {
  it("write files, and tell later whether they are current", async () => {
    const folder = await mkdtemp(join(tmpdir(), "render-"));
    try {
      const render = (...args: string[]) =>
        runProgram(
          process.execPath,
          [
            "job/main.ts",
            "render",
            "manifests",
            image,
            ...route,
            "--output-dir",
            join(folder, "deploy"),
            ...args,
          ],
          { cwd: process.cwd(), env: process.env, signal: new AbortController().signal },
        );
      expect((await render("--check")).exitCode).toBe(3);
      expect(await render()).toMatchObject({ exitCode: 0, stdout: "" });
      expect(await readFile(join(folder, "deploy/job.yaml"), "utf8")).toMatch(/^apiVersion: batch\/v1\n/);
      expect((await render("--check")).exitCode).toBe(0);
      const changed = await render("--check", "--set", "cronJob.suspend=false");
      expect(changed.exitCode).toBe(3);
      expect(changed.stderr).toContain("deploy/cron-job.yaml is not current");
      expect(changed.stderr).not.toContain("deploy/job.yaml");
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("need each other where there is nothing to compare with", async () => {
    const { code, stderr } = await runCommand(["render", "manifests", image, ...route, "--check"]);
    expect(code).toBe(2);
    expect(stderr).toContain("Add --output-dir FOLDER");
  });
});

describe("render chart", () => {
  it("writes every file of the chart", async () => {
    const { code, written } = await runCommand(["render", "chart", "--output-dir", "out"]);
    expect(code).toBe(0);
    for (const path of ["Chart.yaml", "values.yaml", "templates/job.yaml", "templates/NOTES.txt"]) {
      expect(written.get(`out/${path}`)).toBe(await readFile(`chart/${path}`, "utf8"));
    }
  });

  it("needs a folder", async () => {
    const { code, stderr } = await runCommand(["render", "chart"]);
    expect(code).toBe(2);
    expect(stderr).toContain("A chart is files");
  });
});
