import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { renderBackfill } from "../../job/render/backfill.ts";
import type { BackfillOptions } from "../../job/render/backfill-values.ts";
import { renderManifests } from "../../job/render/manifests.ts";
import { thrownBy } from "../images/thrown-by.ts";

const values = { source: { registry: "dev.example.com" }, destination: { registry: "prod.example.com" } };
const images = ["prod.example.com/app:1", "prod.example.com/app:2"];
const options: BackfillOptions = {
  name: "move",
  work: { images },
  completions: 64,
  parallelism: 8,
  shardBy: "repository",
  backoffLimitPerIndex: 3,
  missingOnly: false,
  ecrQuotas: new Map(),
};

function render(changes: Partial<BackfillOptions> = {}, more: object = {}) {
  const files = renderBackfill({ ...values, ...more }, { ...options, ...changes });
  const objects = new Map(files.map(({ path, content }) => [path, parse(content)]));
  const job = objects.get("job.yaml");
  const [container] = job.spec.template.spec.containers;
  const env = new Map(
    container.env.map(({ name, value }: { name: string; value?: string }) => [name, value]),
  );
  return { paths: [...objects.keys()], objects, job, container, env };
}

describe("the Job of a backfill", () => {
  it("is an Indexed Job, whose pods share the quotas of those that run at a time", () => {
    const { job, env, paths } = render({ ecrQuotas: new Map([["PutImage", 100]]), missingOnly: true });
    expect(paths).toEqual([
      "service-account.yaml",
      "role.yaml",
      "role-binding.yaml",
      "images-0.yaml",
      "job.yaml",
    ]);
    expect(job.spec).toMatchObject({
      completionMode: "Indexed",
      completions: 64,
      parallelism: 8,
      backoffLimitPerIndex: 3,
    });
    // Kubernetes refuses them, or makes them out of what is there.
    for (const field of ["backoffLimit", "maxFailedIndexes", "successPolicy", "activeDeadlineSeconds"]) {
      expect(job.spec).not.toHaveProperty(field);
    }
    expect(Object.fromEntries(env)).toMatchObject({
      PROMOTER_IMAGES: "",
      PROMOTER_SHARDS: "64",
      PROMOTER_SHARD_BY: "repository",
      PROMOTER_QUOTA_SHARE: "1/8",
      PROMOTER_ECR_QUOTA: "PutImage=100",
      PROMOTER_MISSING_ONLY: "true",
      PROMOTER_IMAGES_FILE: "/etc/image-promoter-images/images-0.txt",
    });
    // Kubernetes sets it.
    expect(env.has("JOB_COMPLETION_INDEX")).toBe(false);
  });

  it("ends at once for wrong usage, gives a shard up that nothing can help, and does not count evictions", () => {
    const { rules } = render().job.spec.podFailurePolicy;
    expect(
      rules.map(({ action, onExitCodes }: Record<string, { values: number[] }>) => [
        action,
        onExitCodes?.values,
      ]),
    ).toEqual([
      ["FailJob", [2]],
      ["FailIndex", [4]],
      ["Ignore", undefined],
    ]);
  });

  it("may stop early, when too many shards have failed or enough are done", () => {
    expect(render({ maxFailedIndexes: 0, succeededCount: 60 }).job.spec).toMatchObject({
      maxFailedIndexes: 0,
      successPolicy: { rules: [{ succeededCount: 60 }] },
    });
  });

  it("runs the chart's pod, but for its own variables and lists, and is no hook", () => {
    const more = { resources: { limits: { memory: "1Gi" } }, extraArgs: ["--strict"], podLabels: { a: "b" } };
    const { job, objects } = render({}, more);
    const manifests = renderManifests(
      { ...values, ...more, images, hook: { engine: "none" } },
      { name: "move" },
    );
    const plain = parse(manifests.find(({ path }) => path === "job.yaml")?.content ?? "").spec.template;
    const ours = structuredClone(job.spec.template);
    const [container] = ours.spec.containers;
    container.env = container.env.filter(({ name }: { name: string }) => !/SHARD|QUOTA|IMAGES/.test(name));
    plain.spec.containers[0].env.shift();
    expect(container.volumeMounts).toHaveLength(1);
    delete container.volumeMounts;
    delete ours.spec.volumes;
    expect(ours).toEqual(plain);
    for (const object of objects.values()) expect(object.metadata).not.toHaveProperty("annotations");
  });

  it("has another name when it does something else", () => {
    const nameOf = (changes: Partial<BackfillOptions>, more?: object) =>
      render(changes, more).job.metadata.name;
    const names = [
      nameOf({}),
      nameOf({ work: { images: images.slice(1) } }),
      nameOf({ completions: 32 }),
      nameOf({ backoffLimitPerIndex: 1 }),
      nameOf({}, { copy: { referrers: "none" } }),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(nameOf({})).toBe(names[0]);
    for (const name of names) expect(name).toMatch(/^move-image-promoter-[0-9a-f]{8}$/);
  });

  it("runs sync by a configuration that goes along whole", () => {
    const rules = "apiVersion: image-promoter/v1\nkind: Promoter\nsync:\n  rules: []\n";
    const { paths, objects, container, env } = render({ work: { rules, environment: "production" } });
    expect(paths).not.toContain("images-0.yaml");
    expect(objects.get("config-map.yaml").data["promoter.yaml"]).toBe(rules);
    expect(container.args).toEqual(["sync"]);
    expect(env.get("PROMOTER_CONFIG")).toBe("/etc/image-promoter/promoter.yaml");
    expect(env.get("PROMOTER_ENVIRONMENT")).toBe("production");
    // The file's routes and environments count.
    expect(env.has("PROMOTER_FROM")).toBe(false);
    expect(env.has("PROMOTER_IMAGES_FILE")).toBe(false);
  });
});

describe("lists of images", () => {
  it("hold each image once, in objects that kubectl apply and Argo CD can take", () => {
    const many = Array.from({ length: 20_000 }, (_, number) => {
      return `222222222222.dkr.ecr.eu-west-1.amazonaws.com/team-${number % 70}/service:1.${number}`;
    });
    const { objects, env, job } = render({ work: { images: many } });
    const maps = [...objects].filter(([path]) => path.startsWith("images-")).map(([, object]) => object);
    expect(maps.length).toBeGreaterThan(5);
    for (const map of maps) {
      expect(map.immutable).toBe(true);
      expect(JSON.stringify(map).length).toBeLessThan(262_144);
    }
    const lines = maps.flatMap(({ data }) => Object.values(data).join("").trimEnd().split("\n"));
    expect(lines).toEqual(many);
    const files = maps.flatMap(({ data }) => Object.keys(data));
    expect(env.get("PROMOTER_IMAGES_FILE")).toBe(
      files.map((file) => `/etc/image-promoter-images/${file}`).join(","),
    );
    const [volume] = job.spec.template.spec.volumes;
    expect(
      volume.projected.sources.map(({ configMap }: { configMap: { name: string } }) => configMap.name),
    ).toEqual(maps.map(({ metadata }) => metadata.name));
  });

  it("of too many are refused", () => {
    const long = `prod.example.com/${"a".repeat(200)}`;
    const many = Array.from({ length: 100_000 }, (_, number) => `${long}:${number}`);
    expect(thrownBy(() => render({ work: { images: many } }))).toMatchObject({
      code: "Usage",
      hint: expect.stringContaining("--sync"),
    });
  });

  it("are checked before they are written", () => {
    expect(thrownBy(() => render({ work: { images: ["prod.example.com/app:1\n# not"] } }))).toMatchObject({
      code: "InvalidReference",
    });
  });

  it("have names within 63 characters, as have the hosts of pods, however long the release's is", () => {
    const { objects, job } = render({ name: "a".repeat(53), completions: 100_000 });
    for (const { metadata } of objects.values()) expect(metadata.name.length).toBeLessThanOrEqual(63);
    expect(`${job.metadata.name}-99999`.length).toBeLessThanOrEqual(63);
    const dotted = render({}, { fullnameOverride: "a.b" }).job.metadata.name;
    expect(dotted).toMatch(/^a-b-[0-9a-f]{8}$/);
  });
});
