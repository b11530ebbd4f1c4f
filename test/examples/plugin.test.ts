import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments, stringify } from "yaml";
import { checkHooks } from "../../job/render/hooks/hook-checks.ts";
import { runProgram, type ToolRun, toolOutput } from "../integration/run-tool.ts";
import { runCommand } from "../scenarios/command-run.ts";
import { describeWithTool, requireTool } from "../tool.ts";

const prod = "222222222222.dkr.ecr.eu-west-1.amazonaws.com";
const rendered = "examples/plugin/image-promoter";

it("holds what render plugin writes", async () => {
  const { code, stderr } = await runCommand([
    ...["render", "plugin", "--image", `${prod}/image-promoter-plugin:0.1.0`],
    ...["--promoter-image", `${prod}/argocd-image-promoter:0.1.0`, "--service-account", "image-promoter"],
    ...["--output-dir", rendered, "--check"],
  ]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
});

it("runs the program of our image, as its Dockerfile says", async () => {
  const { generate } = parse(await readFile(`${rendered}/plugin.yaml`, "utf8")).spec;
  const entrypoint = /^ENTRYPOINT (.*)$/m.exec(await readFile("Dockerfile", "utf8"))?.[1] ?? "[]";
  expect(generate.command).toEqual([...JSON.parse(entrypoint), "inject"]);
});

describeWithTool("kustomize", () => {
  it("adds the sidecar to Argo CD's repo-server", async () => {
    const objects = parseAllDocuments(await toolOutput("kustomize", ["build", "examples/plugin"])).map(
      (document) => document.toJS(),
    );
    const { containers, volumes } = objects.find(({ kind }) => kind === "Deployment").spec.template.spec;
    const sidecar = containers.find(({ name }: { name: string }) => name === "image-promoter");
    expect(containers).toHaveLength(2);
    expect(sidecar).toMatchObject({
      command: ["/var/run/argocd/argocd-cmp-server"],
      securityContext: { runAsUser: 999, runAsNonRoot: true, readOnlyRootFilesystem: true },
    });
    const named = volumes.map(({ name }: { name: string }) => name);
    for (const { name } of sidecar.volumeMounts) expect(named).toContain(name);
    const config = objects.find(({ kind }) => kind === "ConfigMap");
    expect(volumes).toContainEqual({ name: "image-promoter", configMap: { name: config.metadata.name } });
    expect(parse(config.data["plugin.yaml"]).kind).toBe("ConfigManagementPlugin");
  });
});

/** Runs the generate command of plugin.yaml as Argo CD's server does: without a shell, in the application's folder. */
async function generate(folder: string, env: Readonly<Record<string, string>> = {}): Promise<ToolRun> {
  const { spec } = parse(await readFile(`${rendered}/plugin.yaml`, "utf8"));
  const line: string[] = [...spec.generate.command, ...spec.generate.args].map((word) =>
    word
      .replace("/nodejs/bin/node", process.execPath)
      .replace("/app/image-promoter.js", resolve("job/main.ts"))
      .replace("/etc/image-promoter/values.yaml", resolve(rendered, "values.yaml")),
  );
  const [program = "", ...args] = line;
  const tools = ["kustomize", "helm"] as const;
  const path = tools.map((tool) => requireTool(tool).replace(/\/[^/]*$/, "")).join(":");
  return runProgram(program, args, { env: { PATH: path, ...env }, folder });
}

describeWithTool(["kustomize", "helm"], () => {
  let repository = "";
  beforeAll(async () => {
    repository = await mkdtemp(join(tmpdir(), "promoter-plugin-"));
    await cp("chart", join(repository, "chart"), { recursive: true });
    await cp("examples", join(repository, "examples"), { recursive: true });
    const overlay = join(repository, "examples/kustomize/overlays/production/kustomization.yaml");
    const { replacements: _, resources, ...rest } = parse(await readFile(overlay, "utf8"));
    await writeFile(overlay, stringify({ ...rest, resources: resources.slice(0, 1) }));
  });
  afterAll(() => rm(repository, { recursive: true, force: true }));

  const jobs = (manifests: string) =>
    parseAllDocuments(manifests)
      .map((document) => document.toJS())
      .filter((object) => object?.kind === "Job");
  const listed = (job: {
    spec: { template: { spec: { containers: { env: { name: string; value: string }[] }[] } } };
  }) =>
    job.spec.template.spec.containers[0]?.env
      .find(({ name }) => name === "PROMOTER_IMAGES")
      ?.value.split("\n");

  it("builds an overlay, with the promoter.yaml above it and the environment that the Application names", async () => {
    const folder = join(repository, "examples/kustomize/overlays/production");
    const { code, stdout, stderr } = await generate(folder, {
      ARGOCD_APP_NAME: "argocd_shop",
      ARGOCD_APP_SOURCE_PATH: "examples/kustomize/overlays/production",
      ARGOCD_ENV_PROMOTER_ENVIRONMENT: "production",
    });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout.startsWith(await toolOutput("kustomize", ["build", folder]))).toBe(true);
    const [job, ...others] = jobs(stdout);
    expect(others).toEqual([]);
    expect(job.metadata.name).toMatch(/^shop-image-promoter-[0-9a-f]{8}$/);
    expect(job.spec.template.spec).toMatchObject({ serviceAccountName: "image-promoter" });
    expect(job.spec.template.spec.containers[0].image).toBe(`${prod}/argocd-image-promoter:0.1.0`);
    expect(listed(job)).toEqual([`${prod}/shop/api:1.4.2`, `${prod}/shop/web:3.2.0`]);
    expect(checkHooks(stdout, "-", { isRouted: (image) => image.startsWith(prod) })).toEqual([]);
  });

  it("renders a chart, brings its dependencies, and takes the Application's parameters", async () => {
    const folder = join(repository, "examples/helm/list-in-values");
    await writeFile(join(folder, "more.yaml"), "global: {shop: {tag: 9.9.9}}\n");
    const { code, stdout, stderr } = await generate(folder, {
      HOME: join(repository, "home"),
      ARGOCD_APP_NAME: "shop",
      ARGOCD_APP_NAMESPACE: "shop",
      ARGOCD_APP_SOURCE_PATH: "examples/helm/list-in-values",
      KUBE_VERSION: "1.33.0",
      KUBE_API_VERSIONS: "v1,apps/v1",
      PROMOTER_FROM: "dev.example.com",
      PROMOTER_TO: "prod.example.com",
      ARGOCD_APP_PARAMETERS: JSON.stringify([
        { name: "values-files", array: ["more.yaml"] },
        { name: "helm-parameters", map: { "promoter.enabled": "false" } },
      ]),
    });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const [job, ...others] = jobs(stdout);
    expect(others).toEqual([]);
    expect(listed(job)).toContain("prod.example.com/shop/web:9.9.9");
  });

  describe("says what is wrong", () => {
    it("with what kustomize said", async () => {
      const folder = await mkdtemp(join(repository, "broken-"));
      await writeFile(join(folder, "kustomization.yaml"), "resources: [nothing.yaml]\n");
      const { code, stderr } = await generate(folder, {
        PROMOTER_FROM: "a.example",
        PROMOTER_TO: "b.example",
      });
      expect(code).toBe(2);
      expect(stderr).toContain("kustomize build ended with exit code 1");
      expect(stderr).toContain("nothing.yaml");
    });

    it("of a folder that nothing builds", async () => {
      const folder = await mkdtemp(join(repository, "empty-"));
      const { code, stderr } = await generate(folder, {
        PROMOTER_FROM: "a.example",
        PROMOTER_TO: "b.example",
      });
      expect(code).toBe(2);
      expect(stderr).toContain("holds neither a kustomization.yaml nor a Chart.yaml");
    });

    it("without reading a configuration above the repository, or one that the Application names", async () => {
      const folder = join(repository, "examples/kustomize/overlays/production");
      const { code, stderr } = await generate(folder, {
        ARGOCD_APP_SOURCE_PATH: "production",
        ARGOCD_ENV_PROMOTER_CONFIG: join(repository, "examples/kustomize/promoter.yaml"),
      });
      expect(code).toBe(2);
      expect(stderr).toContain("Nobody said where images come from");
    });
  });
});
