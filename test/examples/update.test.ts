import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { loadConfiguration } from "../../job/config/load.ts";
import { image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { toolOutput } from "../integration/run-tool.ts";
import { runCommand } from "../scenarios/command-run.ts";
import { crossAccountPull, prodHost, twoAccounts } from "../scenarios/two-accounts.ts";
import { describeWithTool } from "../tool.ts";
import { startGitServer } from "../update/git/git-server.ts";

const example = "examples/update";
const token = "a-token-for-this-repository";

/** The files of the example that is kept in git. */
async function deployRepository(): Promise<Record<string, string>> {
  const folder = "examples/kustomize";
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(
    paths.map(async (path) => [path.slice(folder.length + 1), await readFile(path, "utf8")] as const),
  );
  return Object.fromEntries(files);
}

describeWithTool("kustomize", () => {
  it("goes from a build to what may roll, and nobody does anything", { timeout: 60_000 }, async () => {
    await using world = await twoAccounts();
    world.allow("ecr:DescribeImages");
    const builds = { "shop/api": ["1.4.2", "1.5.0", "2.0.0"], "shop/web": ["3.2.0"] };
    for (const [name, tags] of Object.entries(builds)) {
      const repository = world.dev(name);
      repository.policyText = crossAccountPull("ecr:DescribeImages");
      for (const [seed, tag] of tags.entries()) placeImage(repository, image({ seed }), { tags: [tag] });
      world.prod(name);
    }
    const before = await deployRepository();
    const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
    await using git = await startGitServer(before, { authorization: `Basic ${basic}` });
    const configuration = (await readFile(join(example, "promoter.yaml"), "utf8")).replaceAll(
      "https://git.example.com",
      git.origin,
    );
    const update = (...args: string[]) =>
      world.run(["update", "--config", "promoter.yaml", ...args], {
        env: { PROMOTER_FROM: "", PROMOTER_TO: "" },
        files: { "promoter.yaml": configuration, "/etc/image-promoter-git/token": `${token}\n` },
      });

    expect(await update("--dry-run")).toMatchObject({ code: 3 });
    const { code, stderr, stdout } = await update();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("1.4.2 → 1.5.0");

    // One commit, of which every byte but those of the versions is as it was.
    const path = "overlays/production/patch-image.yaml";
    const pinned = `1.5.0@${rootDigest(image({ seed: 1 }))}`;
    const web = `3.2.0@${rootDigest(image({ seed: 0 }))}`;
    expect(await git.file(path)).toBe(
      before[path]
        ?.replaceAll("shop/api:1.4.2", `shop/api:${pinned}`)
        .replace("shop/web:3.2.0", `shop/web:${web}`),
    );
    expect(await git.git("diff", "--name-only", "main~1", "main")).toBe(path);

    // What Argo CD does: builds the overlay, runs the PreSync Job, and rolls what has the same images.
    await git.git("clone", "-q", "-b", "main", ".", join(git.folder, "checkout"));
    const built = await toolOutput("kustomize", ["build", join(git.folder, "checkout/overlays/production")]);
    const { environment, images } = read(built);
    expect(images).toContain(`${prodHost}/shop/api:${pinned}`);
    expect(await world.run(["promote"], { env: environment })).toMatchObject({ code: 0 });
    expect(world.prod("shop/api").imageTags.get("1.5.0")).toBe(rootDigest(image({ seed: 1 })));
    expect(world.prod("shop/web").imageTags.has("3.2.0")).toBe(true);

    expect(await update()).toMatchObject({ code: 0 });
    expect(await git.git("rev-list", "--count", "main")).toBe("2");
  });
});

it("is installed by values that say the same as the configuration", async () => {
  const args = ["render", "manifests", "--values", join(example, "values.yaml"), "-n", "image-promoter"];
  const { code, stdout } = await runCommand(args);
  expect(code).toBe(0);
  const objects = parseAllDocuments(stdout).map((document) => document.toJS());
  const deployment = objects.find(({ kind }) => kind === "Deployment");
  expect(deployment.spec.template.spec.containers[0].image).toMatch(/\/argocd-image-promoter-git:0\.1\.0$/);
  const rendered = objects.find(({ kind }) => kind === "ConfigMap").data["promoter.yaml"];
  const [installed, written] = [rendered, await readFile(join(example, "promoter.yaml"), "utf8")].map(
    (text) => loadConfiguration(text, "promoter.yaml"),
  );
  expect(installed?.update?.applications).toEqual(written?.update?.applications);
  expect(installed?.update?.git).toEqual(written?.update?.git);
});

function read(manifests: string) {
  const objects = parseAllDocuments(manifests).map((document) => document.toJS());
  const job = objects.find(({ kind }) => kind === "Job").spec.template.spec.containers[0];
  const variables: { name: string; value?: string }[] = job.env;
  return {
    environment: Object.fromEntries(
      variables.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
    ),
    images: objects
      .filter(({ kind }) => kind === "Deployment")
      .flatMap(({ spec }) =>
        spec.template.spec.containers.map((container: { image: string }) => container.image),
      ),
  };
}
