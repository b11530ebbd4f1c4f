import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments, stringify } from "yaml";
import { checkHooks } from "../../job/render/hooks/hook-checks.ts";
import { type KustomizeOptions, renderKustomize } from "../../job/render/kustomize.ts";
import { parseWorkload, sourcesInManifests } from "../../job/render/kustomize-source.ts";
import { toolOutput } from "../integration/run-tool.ts";
import { describeWithTool } from "../tool.ts";

const registry = "222222222222.dkr.ecr.eu-west-1.amazonaws.com";
const isRouted = (image: string) => image.startsWith(registry);
const options: KustomizeOptions = {
  sources: [parseWorkload("Deployment/web:web"), parseWorkload("Deployment/api:initContainers/migrate")],
  values: { source: { registry: "dev.example.com" }, destination: { registry } },
  name: "image-promoter",
  as: "replacements",
};
const files = (changes: Partial<KustomizeOptions> = {}) =>
  Object.fromEntries(renderKustomize({ ...options, ...changes }).map(({ path, content }) => [path, content]));

describe("renderKustomize", () => {
  it("writes the Job under a name that stays, with all that it needs", () => {
    const { "kustomization.yaml": kustomization, "job.yaml": job, ...rest } = files();
    expect(parse(kustomization ?? "").resources).toEqual(
      ["service-account", "role", "role-binding", "job", "cron-job"].map((name) => `${name}.yaml`),
    );
    expect(parse(job ?? "").metadata.name).toBe("image-promoter");
    expect(Object.keys(rest).sort()).toEqual(
      ["cron-job", "replacements", "role-binding", "role", "service-account"].map((name) => `${name}.yaml`),
    );
  });

  it("writes one replacement for each image, into the Job and into the CronJob", () => {
    const replacements = parse(files()["replacements.yaml"] ?? "");
    expect(replacements).toHaveLength(2);
    expect(replacements[1]).toMatchObject({
      source: {
        kind: "Deployment",
        name: "api",
        fieldPath: "spec.template.spec.initContainers.[name=migrate].image",
      },
      targets: [
        { select: { kind: "Job", name: "image-promoter" }, options: { delimiter: "\n", index: 1 } },
        { select: { kind: "CronJob", name: "image-promoter" }, options: { delimiter: "\n", index: 1 } },
      ],
    });
  });

  it("refuses to write a Job for nothing", () => {
    expect(() => renderKustomize({ ...options, sources: [] })).toThrow(
      expect.objectContaining({ code: "Usage" }),
    );
  });
});

const base: Readonly<Record<string, string>> = {
  "base/kustomization.yaml": "resources: [web.yaml, api.yaml]\n",
  "base/web.yaml": deployment("web", "containers: [{name: web, image: shop/web:base}]"),
  "base/api.yaml": deployment(
    "api",
    "initContainers: [{name: migrate, image: shop/api:base}]\n      containers: [{name: api, image: docker.io/library/nginx:1}]",
  ),
};

function deployment(name: string, podSpec: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      ${podSpec}
`;
}

/** What an overlay of production commonly does with images. */
const changes = {
  images: [
    { name: "shop/web", newName: `${registry}/shop/web`, newTag: "2" },
    { name: "shop/api", newName: `${registry}/shop/api`, newTag: "3" },
  ],
  patches: [
    {
      patch: deployment("api", `initContainers: [{name: migrate, image: "${registry}/shop/api:patched"}]`),
    },
  ],
};

describeWithTool("kustomize", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "promoter-kustomize-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function build(name: string, written: Readonly<Record<string, string>>): Promise<string> {
    const root = join(folder, name.replaceAll(/\W+/g, "-"));
    for (const [path, content] of Object.entries({ ...base, ...written })) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
    }
    return toolOutput("kustomize", ["build", join(root, "overlay")]);
  }

  const inFolder = (prefix: string, rendered: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(rendered).map(([path, content]) => [`${prefix}/${path}`, content]));

  function overlay(more: object): Record<string, string> {
    return { "overlay/kustomization.yaml": stringify({ resources: ["../base", "promoter"], ...more }) };
  }

  /** The images that each object of a kind lists in PROMOTER_IMAGES. */
  function listed(manifests: string, kind: "Job" | "CronJob"): string[] {
    const objects = parseAllDocuments(manifests).map((document) => document.toJS());
    const object = objects.find((candidate) => candidate.kind === kind);
    const job = kind === "Job" ? object : object.spec.jobTemplate;
    const variable = job.spec.template.spec.containers[0].env.find(
      (entry: { name: string }) => entry.name === "PROMOTER_IMAGES",
    );
    return variable.value.split("\n");
  }

  const promoterFiles = inFolder("overlay/promoter", files());
  const asReplacements = { replacements: [{ path: "promoter/replacements.yaml" }] };
  const expected = [`${registry}/shop/web:2`, `${registry}/shop/api:3`];

  it("puts those images into the Job that images: and patches have set", async () => {
    const manifests = await build("images and patches", {
      ...promoterFiles,
      ...overlay({ ...changes, ...asReplacements }),
    });
    // The patch names the repository of production already, so images: leaves that one alone.
    expect(listed(manifests, "Job")).toEqual([expected[0], `${registry}/shop/api:patched`]);
    expect(listed(manifests, "CronJob")).toEqual(listed(manifests, "Job"));
    expect(checkHooks(manifests, "-", { isRouted })).toEqual([]);
  });

  it("works as an entry of transformers, from a folder outside of the overlay", async () => {
    const manifests = await build("transformer", {
      ...inFolder("promoter", files({ as: "transformer" })),
      "overlay/kustomization.yaml": stringify({
        resources: ["../base", "../promoter"],
        images: changes.images,
        transformers: ["../promoter/images"],
      }),
    });
    expect(listed(manifests, "Job")).toEqual(expected);
  });

  it("follows namePrefix, nameSuffix and namespace, and the account of the Job with them", async () => {
    const manifests = await build("prefix", {
      ...promoterFiles,
      ...overlay({
        namePrefix: "prod-",
        nameSuffix: "-v1",
        namespace: "shop",
        images: changes.images,
        ...asReplacements,
      }),
    });
    expect(listed(manifests, "Job")).toEqual(expected);
    const objects = parseAllDocuments(manifests).map((document) => document.toJS());
    const job = objects.find(({ kind }) => kind === "Job");
    const binding = objects.find(({ kind }) => kind === "RoleBinding");
    expect(job.metadata).toMatchObject({ name: "prod-image-promoter-v1", namespace: "shop" });
    expect(job.spec.template.spec.serviceAccountName).toBe("prod-image-promoter-v1");
    expect(binding.subjects).toEqual([
      { kind: "ServiceAccount", name: "prod-image-promoter-v1", namespace: "shop" },
    ]);
    expect(checkHooks(manifests, "-", { isRouted })).toEqual([]);
  });

  it("finds what it rendered from the overlay's own output, names with a prefix included", async () => {
    const prefixed = { namePrefix: "prod-", images: changes.images };
    const before = await build("before", {
      ...promoterFiles,
      ...overlay({ ...prefixed, resources: ["../base"] }),
    });
    const sources = sourcesInManifests(before, { source: "-", isRouted });
    expect(sources.map(({ name }) => name)).toEqual(["prod-api", "prod-web"]);
    const manifests = await build("after", {
      ...inFolder("overlay/promoter", files({ sources })),
      ...overlay({ ...prefixed, ...asReplacements }),
    });
    expect(listed(manifests, "Job").sort()).toEqual([...expected].sort());
    // Rendering again from what includes the Job comes to the same.
    expect(sourcesInManifests(manifests, { source: "-", isRouted })).toEqual(sources);
  });

  it("leaves a list that nothing has replaced unreadable, which doctor tells and the program refuses", async () => {
    const manifests = await build("forgotten", { ...promoterFiles, ...overlay({ images: changes.images }) });
    expect(checkHooks(manifests, "-", { isRouted })).toMatchObject([
      { rule: "images-not-promoted" },
      { rule: "images-not-promoted" },
    ]);
  });

  it("reads old images in a Component, which doctor tells", async () => {
    const manifests = await build("component", {
      ...inFolder("promoter", files()),
      "promoter/kustomization.yaml": stringify({
        apiVersion: "kustomize.config.k8s.io/v1alpha1",
        kind: "Component",
        resources: parse(files()["kustomization.yaml"] ?? "").resources,
        replacements: [{ path: "replacements.yaml" }],
      }),
      "overlay/kustomization.yaml": stringify({
        resources: ["../base"],
        components: ["../promoter"],
        images: changes.images,
      }),
    });
    expect(listed(manifests, "Job")).toEqual(["shop/web:base", "shop/api:base"]);
    expect(checkHooks(manifests, "-", { isRouted }).map(({ rule }) => rule)).toContain("images-not-promoted");
  });

  it("reads the final images in a kustomization around the overlay", async () => {
    const manifests = await build("wrapper", {
      ...inFolder("overlay/promoter", files()),
      "inner/kustomization.yaml": stringify({ resources: ["../base"], images: changes.images }),
      ...overlay({ resources: ["../inner", "promoter"], ...asReplacements }),
    });
    expect(listed(manifests, "Job")).toEqual(expected);
  });

  it("fails the build when a workload is gone, and does not promote the rest in silence", async () => {
    const gone = {
      patches: [{ patch: "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n$patch: delete\n" }],
    };
    const building = build("gone", { ...promoterFiles, ...overlay({ ...gone, ...asReplacements }) });
    await expect(building).rejects.toThrow(/nothing selected by Deployment/);
  });

  it("has no generateName, which kustomize refuses", async () => {
    const generated = (files()["job.yaml"] ?? "").replace(/^ {2}name:/m, "  generateName:");
    const building = build("generated", {
      ...promoterFiles,
      "overlay/promoter/job.yaml": generated,
      ...overlay(asReplacements),
    });
    await expect(building).rejects.toThrow(/missing metadata\.name/);
  });
});
