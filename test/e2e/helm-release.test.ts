import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chartFolder, type Helm, type HelmShell, openHelm } from "../chart/helm.ts";
import { digestOfImage } from "./app-image.ts";
import { destinationOf, promotionValues } from "./chart.ts";
import { deployed, failedPulls } from "./deployed.ts";
import { type AdaptedExample, adaptExample } from "./example.ts";
import { type Namespace, useNamespace } from "./namespace.ts";
import { describeInCluster, type World } from "./world.ts";

/** An example, and where its values say what image-promoter is like and which release of the web part runs. */
interface Case {
  readonly helm: Helm;
  readonly example: string;
  readonly dependency: string;
  readonly deployment: string;
  readonly beside: readonly string[];
  release(image: string, tag: string): object;
}

const cases: readonly Case[] = [
  {
    helm: "helm",
    example: "list-in-values",
    dependency: "promoter",
    deployment: "shop",
    beside: ["shop/proxy:2.0.1"],
    release: (_, tag) => ({ global: { shop: { tag } } }),
  },
  {
    helm: "helm3",
    example: "global-images",
    dependency: "image-promoter",
    deployment: "shop-web",
    beside: [],
    release: (image) => {
      const worker = image.replace(/web:.*/, "worker:1.3.0");
      return { web: { image }, global: { imagePromoter: { images: [image, worker] } } };
    },
  },
];

describeInCluster("an application's chart, by hooks of Helm", (world) => {
  describe.each(cases)("$helm, $example", (example) => cycle(world, example));
});

function cycle(world: World, { helm, example, dependency, deployment, beside, release }: Case): void {
  const namespace = useNamespace(`helm-${example}`);
  let shell: HelmShell;
  let chart: AdaptedExample;
  const registry = () => destinationOf(world, namespace().name);
  const web = (tag: string) => `${registry()}/shop/web:${tag}`;

  beforeAll(async () => {
    shell = await openHelm();
    chart = await adaptExample(`helm/${example}`, {
      "prod.example.com": registry(),
      "dev.example.com": world.source,
      "file://../../../chart": `file://${chartFolder}`,
    });
    await run("dependency", "build", chart.folder);
  });
  afterAll(async () => {
    await chart?.[Symbol.asyncDispose]();
    await shell?.[Symbol.asyncDispose]();
  });

  it("installs: the images are there before the pods", async () => {
    expect(await digestOfImage(web("1.4.2"))).toBeUndefined();
    const said = await apply("install", "1.4.2", "--render-subchart-notes");
    expect(await deployed(namespace(), deployment)).toEqual(await promoted([web("1.4.2"), ...others()]));
    expect(await failedPulls(namespace())).toEqual([]);
    expect(said).toContain(`create job rerun --from=cronjob/shop-${dependency}`);
  });

  it("upgrades by the tag alone", async () => {
    expect(await digestOfImage(web("1.5.0"))).toBeUndefined();
    await apply("upgrade", "1.5.0");
    expect(await deployed(namespace(), deployment)).toEqual(await promoted([web("1.5.0"), ...others()]));
    expect(await failedPulls(namespace())).toEqual([]);
  });

  it("tests the release", async () => {
    expect(await run("test", "shop", "--namespace", namespace().name, "--logs")).toMatch(/Phase: +Succeeded/);
  });

  it("leaves what the notes say, and their command removes it", async () => {
    const notes = await apply("upgrade", "1.5.0", "--render-subchart-notes");
    await run("uninstall", "shop", "--namespace", namespace().name, "--wait");
    const name = `shop-${dependency}`;
    const hooks = [
      `configmap/${name}`,
      `pod/${name}-doctor`,
      `role.rbac.authorization.k8s.io/${name}`,
      `rolebinding.rbac.authorization.k8s.io/${name}`,
      `serviceaccount/${name}`,
    ];
    await expect.poll(() => objectsIn(namespace()), { timeout: 60_000, interval: 500 }).toEqual(hooks);
    const command = /After uninstalling:\n +kubectl (.+)\n/.exec(notes)?.[1] ?? "";
    await namespace().kubectl(command.split(" "));
    expect(await objectsIn(namespace())).toEqual([]);
  });

  function others(): readonly string[] {
    return beside.map((name) => `${registry()}/${name}`);
  }

  async function apply(action: "install" | "upgrade", tag: string, ...flags: readonly string[]) {
    const values = {
      [dependency]: { ...promotionValues(world, namespace().name), hook: { engine: "helm" } },
      ...release(web(tag), tag),
    };
    const file = await shell.valuesFile(values);
    const within = ["--namespace", namespace().name, "--values", file, "--wait", "--timeout", "90s"];
    return await run(action, "shop", chart.folder, ...within, ...flags);
  }

  async function run(...args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await shell.run(helm, args);
    if (exitCode !== 0)
      throw new Error(`${helm} ${args.join(" ")} ended with ${exitCode}: ${stderr}${stdout}`);
    return stdout;
  }

  /** What has to run: the same digests as at the source. */
  async function promoted(images: readonly string[]) {
    return await Promise.all(
      images.map(async (image) => ({
        image,
        digest: await digestOfImage(image.replace(registry(), world.source)),
      })),
    );
  }
}

/** Objects beside those that every namespace has. */
async function objectsIn(namespace: Namespace): Promise<readonly string[]> {
  const kinds = "all,configmaps,secrets,serviceaccounts,roles,rolebindings";
  const names = await namespace.kubectl(["get", kinds, "-o", "name"]);
  return names
    .split("\n")
    .filter((name) => !["", "configmap/kube-root-ca.crt", "serviceaccount/default"].includes(name))
    .sort();
}
