import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeWithTool } from "../tool.ts";
import {
  chartFolder,
  type Helm,
  type HelmShell,
  helms,
  type ManifestObject,
  objectsOf,
  only,
  openHelm,
} from "./helm.ts";

const examples = join(import.meta.dirname, "../../examples/helm");

interface Example {
  readonly folder: string;
  /** What the objects are called after. */
  readonly name: string;
  /** The value that turns the dependency off. */
  readonly condition: string;
  /** A value that changes an image in one place. */
  readonly change: string;
}

const table: readonly Example[] = [
  {
    folder: "named-template",
    name: "image-promoter",
    condition: "image-promoter.enabled",
    change: "web.tag=2.0.0",
  },
  {
    folder: "list-in-values",
    name: "promoter",
    condition: "promoter.enabled",
    change: "global.shop.tag=2.0.0",
  },
  {
    folder: "global-images",
    name: "image-promoter",
    condition: "image-promoter.enabled",
    change: "image-promoter.strict=true",
  },
];

interface Pod {
  readonly containers: readonly {
    readonly image: string;
    readonly env?: readonly { name: string; value?: string }[];
  }[];
}

function podOf(object: ManifestObject): Pod {
  return (object.spec as { template: { spec: Pod } }).template.spec;
}

function deployedImages(objects: readonly ManifestObject[]): string[] {
  const deployments = objects.filter(({ kind }) => kind === "Deployment");
  return deployments.flatMap((object) => podOf(object).containers.map(({ image }) => image)).sort();
}

function promotedImages(job: ManifestObject): string[] {
  const variable = podOf(job).containers[0]?.env?.find(({ name }) => name === "PROMOTER_IMAGES");
  return (variable?.value ?? "").split("\n").sort();
}

describeWithTool(helms, () => {
  let helm: HelmShell;
  beforeAll(async () => {
    helm = await openHelm();
    for (const program of helms) {
      const root = join(helm.folder, program);
      await mkdir(join(root, "examples"), { recursive: true });
      await cp(chartFolder, join(root, "chart"), { recursive: true });
      await cp(examples, join(root, "examples/helm"), { recursive: true });
    }
  });
  afterAll(() => helm[Symbol.asyncDispose]());

  const cases = table.flatMap((example) => helms.map((program) => ({ ...example, program })));

  describe.each(cases)(
    "examples/helm/$folder with $program",
    ({ folder, name, condition, change, program }) => {
      const chart = () => join(helm.folder, program, "examples/helm", folder);
      const render = async (helmProgram: Helm, ...args: string[]) =>
        objectsOf(await helm.template(helmProgram, chart(), { args: ["--skip-tests", ...args] }));

      beforeAll(async () => {
        const { exitCode, stderr } = await helm.run(program, ["dependency", "build", chart()]);
        expect(exitCode, stderr).toBe(0);
      });

      it("passes helm lint --strict", async () => {
        const { exitCode, stdout } = await helm.lint(program, chart(), {});
        expect(exitCode, stdout).toBe(0);
      });

      it("promotes exactly what its pods run", async () => {
        const objects = await render(program);
        const job = only(objects, "Job");
        expect(promotedImages(job)).toEqual(deployedImages(objects));
        expect(promotedImages(job).length).toBeGreaterThan(1);
        expect(job.metadata.name).toMatch(new RegExp(`^shop-${name}-[0-9a-f]{8}$`));
        expect(only(objects, "ServiceAccount").metadata.name).toBe(`shop-${name}`);
      });

      it("is another Job after a change, and promotes what the pods run then", async () => {
        const before = only(await render(program), "Job").metadata.name;
        const objects = await render(program, "--set", change);
        const job = only(objects, "Job");
        expect(job.metadata.name).not.toBe(before);
        expect(promotedImages(job)).toEqual(deployedImages(objects));
      });

      it("is off by its condition", async () => {
        const objects = await render(program, "--set", `${condition}=false`);
        expect([...new Set(objects.map(({ kind }) => kind))]).toEqual(["Deployment"]);
      });
    },
  );

  it("refuses a named template that is called with an alias which nothing has", async () => {
    const chart = join(helm.folder, "helm/examples/helm/named-template");
    const other = join(helm.folder, "alias");
    await cp(chart, other, { recursive: true });
    await writeFile(
      join(other, "templates/promotion.yaml"),
      '{{ include "image-promoter.forImages" (dict "root" . "alias" "promoter" "images" (list "a.example.com/b:1")) }}',
    );
    await expect(helm.template("helm", other, {})).rejects.toThrow(
      'there are no values of a dependency "promoter"',
    );
  });

  it("renders two calls apart by values of their own", async () => {
    const chart = join(helm.folder, "helm/examples/helm/named-template");
    const other = join(helm.folder, "two");
    await cp(chart, other, { recursive: true });
    const call = (suffix: string) =>
      `{{ include "image-promoter.forImages" (dict "root" . "images" (list "a.example.com/${suffix}:1") "values" (dict "fullnameOverride" "promote-${suffix}" "hook" (dict "engine" "none"))) }}`;
    await writeFile(join(other, "templates/promotion.yaml"), `${call("web")}\n${call("worker")}\n`);
    const jobs = objectsOf(await helm.template("helm", other, {})).filter(({ kind }) => kind === "Job");
    expect(jobs.map(({ metadata }) => metadata.name.replace(/-\w{8}$/, ""))).toEqual([
      "promote-web",
      "promote-worker",
    ]);
    expect(jobs.map(promotedImages)).toEqual([["a.example.com/web:1"], ["a.example.com/worker:1"]]);
    expect(jobs.map(({ metadata }) => metadata.annotations)).toEqual([undefined, undefined]);
  });
});
