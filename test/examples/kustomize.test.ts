import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { checkHooks } from "../../job/render/hooks/hook-checks.ts";
import { image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { toolOutput } from "../integration/run-tool.ts";
import { runCommand } from "../scenarios/command-run.ts";
import { devHost, prodHost, twoAccounts } from "../scenarios/two-accounts.ts";
import { describeWithTool } from "../tool.ts";

const example = "examples/kustomize";
const isRouted = (name: string) => name.startsWith(prodHost);

describeWithTool("kustomize", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "promoter-example-"));
    await cp(example, folder, { recursive: true });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const build = (overlay: string) => toolOutput("kustomize", ["build", join(folder, "overlays", overlay)]);

  async function edit(path: string, from: string, to: string): Promise<void> {
    const file = join(folder, path);
    const text = await readFile(file, "utf8");
    expect(text).toContain(from);
    await writeFile(file, text.replaceAll(from, to));
  }

  it("changes the Deployments and the Job's list by a tag in one file", async () => {
    const before = readProduction(await build("production"));
    await edit("overlays/production/patch-image.yaml", "shop/api:1.4.2", "shop/api:1.5.0");
    const after = readProduction(await build("production"));
    expect(before.deployed).toEqual([`${prodHost}/shop/api:1.4.2`, `${prodHost}/shop/web:3.2.0`]);
    expect(after.deployed).toEqual([`${prodHost}/shop/api:1.5.0`, `${prodHost}/shop/web:3.2.0`]);
    expect(before.promoted).toEqual(before.deployed);
    expect(after.promoted).toEqual(after.deployed);
  });

  it("lets the Job, run with the environment that it has, promote what the Deployments then run", async () => {
    const { environment, deployed } = readProduction(await build("production"));
    await using world = await twoAccounts();
    for (const [index, reference] of deployed.entries()) {
      const [name = "", tag = ""] = reference.slice(`${prodHost}/`.length).split(":");
      placeImage(world.dev(name), image({ seed: index }), { tags: [tag] });
      world.prod(name);
    }
    const { code } = await world.run(["promote"], { env: environment });
    expect(code).toBe(0);
    expect([...world.prod("shop/api").imageTags]).toEqual([["1.4.2", rootDigest(image({ seed: 0 }))]]);
    expect([...world.prod("shop/web").imageTags]).toEqual([["3.2.0", rootDigest(image({ seed: 1 }))]]);
  });

  it("is understood by plan, which reads what kustomize builds", async () => {
    await using world = await twoAccounts();
    for (const [name, tag] of [
      ["shop/api", "1.4.2"],
      ["shop/web", "3.2.0"],
      ["argocd-image-promoter", "0.1.0"],
    ] as const) {
      placeImage(world.dev(name), image(), { tags: [tag] });
      world.prod(name);
    }
    const { code, stdout } = await world.run(
      ["plan", "-f", "-", "-o", "json", "--config", join(folder, "promoter.yaml")],
      { input: await build("production"), env: { PROMOTER_FROM: "", PROMOTER_TO: "" } },
    );
    const { images } = JSON.parse(stdout) as {
      images: { destination: string; status: string; source: string }[];
    };
    expect(images.find(({ destination }) => destination.endsWith("shop/api:1.4.2"))).toMatchObject({
      status: "copied",
      source: `${devHost}/shop/api:1.4.2`,
    });
    expect(images.find(({ destination }) => destination.includes("nginx"))?.status).toBe("skipped");
    expect(code).toBe(3);
  });

  it("walks into no trap of hooks", async () => {
    expect(checkHooks(await build("production"), "-", { isRouted })).toEqual([]);
  });

  it("holds what render kustomize writes for it", async () => {
    const args = [
      ...["render", "kustomize", "-f", "-", "--config", `${example}/promoter.yaml`],
      ...["--values", `${example}/overlays/production/values.yaml`],
      ...["--output-dir", `${example}/overlays/production/promoter`, "--check"],
    ];
    const { code, stderr } = await runCommand(args, { input: await build("production") });
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });

  it("needs no promotion in the account that images are built in", async () => {
    const manifests = await build("dev");
    expect(manifests).toContain(`${devHost}/shop/api:1.5.0-rc.1`);
    expect(manifests).not.toContain("kind: Job");
    const { stdout } = await runCommand(["inject", "--config", join(folder, "promoter.yaml")], {
      input: manifests,
    });
    expect(stdout).toBe(manifests);
  });
});

interface Production {
  /** Routed images of the Deployments, each once. */
  readonly deployed: readonly string[];
  readonly promoted: readonly string[];
  /** What the Job's pod has in its environment. */
  readonly environment: Readonly<Record<string, string>>;
}

interface Container {
  readonly image: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

function readProduction(manifests: string): Production {
  const objects = parseAllDocuments(manifests).map((document) => document.toJS());
  const containers = (kind: string): Container[] =>
    objects
      .filter((object) => object.kind === kind)
      .flatMap(({ spec }) => [
        ...(spec.template.spec.initContainers ?? []),
        ...spec.template.spec.containers,
      ]);
  const environment = Object.fromEntries(
    (containers("Job")[0]?.env ?? []).flatMap(({ name, value }) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
  const deployed = containers("Deployment").map((container) => container.image);
  return {
    deployed: [...new Set(deployed.filter(isRouted))],
    promoted: [...new Set(environment.PROMOTER_IMAGES?.split("\n"))],
    environment,
  };
}
