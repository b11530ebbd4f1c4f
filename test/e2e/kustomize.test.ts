import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { objectsOf, only } from "../chart/helm.ts";
import { runProgram, toolOutput } from "../integration/run-tool.ts";
import { digestOfImage } from "./app-image.ts";
import { sync } from "./argocd-sync.ts";
import { destinationOf, promotionValues } from "./chart.ts";
import { deployed, failedPulls } from "./deployed.ts";
import { type AdaptedExample, adaptExample } from "./example.ts";
import { useNamespace } from "./namespace.ts";
import { describeInCluster } from "./world.ts";

describeInCluster("a Kustomize overlay, synced as by Argo CD", (world) => {
  const namespace = useNamespace("kustomize");
  let example: AdaptedExample;
  /** An image that no route leads to. */
  let proxy: string;
  const registry = () => destinationOf(world, namespace().name);
  const build = () => toolOutput("kustomize", ["build", join(example.folder, "overlays/production")]);

  beforeAll(async () => {
    // By digest: a node that has an image of this name from an earlier run pulls no other.
    proxy = `${world.source}/shop/proxy@${await digestOfImage(`${world.source}/shop/proxy:2.0.1`)}`;
    example = await adaptExample("kustomize", {
      "222222222222.dkr.ecr.eu-west-1.amazonaws.com": registry(),
      "docker.io/nginxinc/nginx-unprivileged:1.29": proxy,
      "namespace: shop": `namespace: ${namespace().name}`,
    });
    const { image, registries } = promotionValues(world, namespace().name);
    const environments = {
      dev: { registry: world.source },
      production: { registry: world.destination, prefix: namespace().name, promotesFrom: ["dev"] },
    };
    const promoter = { apiVersion: "image-promoter/v1", kind: "Promoter", environments, registries };
    await writeFile(join(example.folder, "promoter.yaml"), JSON.stringify(promoter));
    const values = { image, serviceAccount: { name: "image-promoter" } };
    await writeFile(join(example.folder, "overlays/production/values.yaml"), JSON.stringify(values));
    await renderPieces();
  });
  afterAll(() => example?.[Symbol.asyncDispose]());

  it("has the images before the pods", async () => {
    await sync(namespace(), await build());
    await expectRelease("3.2.0");
    expect(await deployed(namespace(), "api")).toEqual([await promoted("shop/api:1.4.2")]);
    expect(await failedPulls(namespace())).toEqual([]);
  });

  it("upgrades by one line, of one file", async () => {
    const before = objectsOf(await build());
    await example.change("overlays/production/patch-image.yaml", "shop/web:3.2.0", "shop/web:3.3.0");
    const after = objectsOf(await build());
    expect(JSON.parse(JSON.stringify(before).replaceAll("shop/web:3.2.0", "shop/web:3.3.0"))).toEqual(after);
    expect(JSON.stringify(only(after, "Job"))).toContain("shop/web:3.3.0");

    await sync(namespace(), await build());
    await expectRelease("3.3.0");
    expect(await failedPulls(namespace())).toEqual([]);
  });

  /** What the documentation says to do when the set of workloads has changed. */
  async function renderPieces(): Promise<void> {
    const args = ["-f", "-", "--config", join(example.folder, "promoter.yaml")];
    const production = join(example.folder, "overlays/production");
    const files = ["--values", join(production, "values.yaml"), "--output-dir", join(production, "promoter")];
    const main = resolve("job/main.ts");
    const { code, stderr } = await runProgram(
      process.execPath,
      [main, "render", "kustomize", ...args, ...files],
      { input: await build() },
    );
    expect({ code, stderr }).toMatchObject({ code: 0 });
  }

  async function promoted(name: string) {
    return { image: `${registry()}/${name}`, digest: await digestOfImage(`${world.source}/${name}`) };
  }

  async function expectRelease(tag: string): Promise<void> {
    expect(await deployed(namespace(), "web")).toEqual([
      await promoted(`shop/web:${tag}`),
      { image: proxy, digest: proxy.slice(proxy.indexOf("@") + 1) },
    ]);
  }
});
