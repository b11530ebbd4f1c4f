import { describe, expect, it } from "vitest";
import type { EnvironmentStatus } from "../../job/status/environment-status.ts";
import { keyPair } from "../attestation/keys.ts";
import { image, index, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { deployment, podOf, startCluster } from "../kubernetes/running-cluster.ts";
import { runCommand } from "./command-run.ts";
import {
  crossAccountPull,
  devAccount,
  devHost,
  prodAccount,
  prodHost,
  type TwoAccounts,
  twoAccounts,
} from "./two-accounts.ts";

const configuration = `apiVersion: image-promoter/v1
kind: Promoter
environments:
  development: {account: "${devAccount}", region: eu-west-1}
  staging: {account: "${prodAccount}", region: eu-west-1, prefix: staging, promotesFrom: [development]}
  production: {account: "${prodAccount}", region: eu-west-1, manifests: production.yaml, promotesFrom: [staging, development]}
`;

const manifests = (...objects: readonly object[]) =>
  objects.map((object) => JSON.stringify(object)).join("\n---\n");

const env = {
  PROMOTER_FROM: "",
  PROMOTER_TO: "",
  PROMOTER_CONFIG: "promoter.yaml",
};

/** A repository of development in which production may look around, too. */
function listable(world: TwoAccounts, name: string) {
  const repository = world.dev(name);
  repository.policyText = crossAccountPull("ecr:DescribeImages");
  return repository;
}

async function statusOf(world: TwoAccounts, files: Readonly<Record<string, string>>, ...args: string[]) {
  const run = await world.run(["status", "-o", "json", ...args], {
    env,
    files: { "promoter.yaml": configuration, ...files },
  });
  const status: EnvironmentStatus = JSON.parse(run.stdout || "{}");
  const state = (module: string, environment: string) =>
    status.modules.find((each) => each.module === module)?.environments[environment];
  return { ...run, status, state };
}

describe("status", () => {
  it("tells for each module and environment what is wanted, where it is, who uses it and what drifts", async () => {
    await using world = await twoAccounts();
    world.allow("ecr:DescribeImages", "ecr:ListImages", "ecr:DescribeRepositories");
    placeImage(listable(world, "api"), image({ seed: 1 }), { tags: ["1.4.0"] });
    placeImage(world.prod("api"), image({ seed: 1 }), { tags: ["1.4.0"] });
    placeImage(listable(world, "web"), image({ seed: 2 }), { tags: ["3.0.0"] });
    world.prod("web");
    placeImage(world.prod("jobs"), image({ seed: 3 }), { tags: ["1"] });
    placeImage(world.prod("moved"), image({ seed: 4 }), { tags: ["latest"] });
    placeImage(world.prod("gone"), image({ seed: 5 }), { tags: ["0.9.0"] });
    const production = manifests(
      deployment("api", `${prodHost}/api:1.4.0`),
      deployment("web", `${prodHost}/web:3.0.0`),
      deployment("moved", `${prodHost}/moved:latest`),
      deployment("late", `${prodHost}/jobs:1`),
      deployment("proxy", "docker.io/library/nginx:1.27"),
    );
    const other = rootDigest(image({ seed: 44 }));
    for (const name of ["jobs", "moved", "gone"]) listable(world, name);
    await using running = await startCluster(
      [
        deployment("api", `${prodHost}/api:1.4.0`),
        deployment("web", `${prodHost}/web:3.0.0`),
        deployment("moved", `${prodHost}/moved:latest`),
        deployment("gone", `${prodHost}/gone:0.9.0`),
      ],
      [
        podOf("api", `${prodHost}/api:1.4.0`, {
          imageID: `${prodHost}/api@${rootDigest(image({ seed: 1 }))}`,
        }),
        podOf("web", `${prodHost}/web:3.0.0`, { state: { waiting: { reason: "ImagePullBackOff" } } }),
        podOf("moved", `${prodHost}/moved:latest`, { imageID: `${prodHost}/moved@${other}` }),
      ],
    );
    const files = { "production.yaml": production, kubeconfig: running.kubeconfig };
    const { code, stderr, status, state } = await statusOf(
      world,
      files,
      "--cluster",
      "production=kubeconfig",
    );
    expect(stderr).toBe("");
    expect(status.environments.map(({ errors }) => errors)).toEqual([[], [], []]);
    expect(code).toBe(3);
    expect(status.summary).toEqual({ modules: 5, drifting: 4, behind: 0, unknown: 0 });
    expect(state("api", "production")).toEqual({
      images: [
        {
          image: `${prodHost}/api:1.4.0`,
          tag: "1.4.0",
          digest: rootDigest(image({ seed: 1 })),
          namedBy: "manifests",
          promoted: true,
          promotion: { at: expect.stringMatching(/^20\d\d-/), standing: "pushed" },
          usedBy: ["Deployment shop/api"],
          drift: [],
        },
      ],
    });
    expect(state("web", "production")?.images[0]).toMatchObject({
      promoted: false,
      source: `${devHost}/web:3.0.0`,
      drift: ["cannot-pull", "not-promoted"],
    });
    expect(state("moved", "production")?.images[0]?.drift).toEqual(["tag-moved"]);
    expect(state("jobs", "production")?.images[0]).toMatchObject({ usedBy: [], drift: ["not-deployed"] });
    expect(state("gone", "production")?.images[0]).toMatchObject({
      namedBy: "workloads",
      drift: ["not-in-manifests"],
    });
    expect(state("api", "development")?.images[0]).toMatchObject({ namedBy: "registry", tag: "1.4.0" });
    expect(state("api", "staging")).toEqual({ images: [] });
  });

  it("says what is behind, when it was promoted, and by which revision", async () => {
    await using world = await twoAccounts();
    world.allow("ecr:DescribeImages");
    placeImage(listable(world, "api"), image({ seed: 1 }), { tags: ["1.4.0"] });
    placeImage(listable(world, "api"), image({ seed: 2 }), { tags: ["1.5.0"] });
    world.prod("api");
    const revision = "1f0c3b9e".repeat(5);
    await world.promote([`${prodHost}/api:1.4.0`, "--attest"], {
      env: {
        ARGOCD_APP_NAME: "shop",
        ARGOCD_APP_REVISION: revision,
        ARGOCD_APP_SOURCE_REPO_URL: "https://git.example/shop",
      },
    });
    const files = { "production.yaml": manifests(deployment("api", `${prodHost}/api:1.4.0`)) };
    const { code, state } = await statusOf(world, files);
    expect(code).toBe(0);
    expect(state("api", "production")).toMatchObject({
      behind: { environment: "development", order: "older", tag: "1.5.0" },
      images: [
        {
          drift: [],
          promotion: { standing: "unsigned", application: "shop", revision, from: `${devHost}/api:1.4.0` },
        },
      ],
    });
    const text = await world.run(["status"], { env, files: { "promoter.yaml": configuration, ...files } });
    expect(text.stdout).toBe(
      "module  development  staging  production\napi     1.5.0        -        1.4.0 ↓\n\n1 module: 1 is behind\n",
    );
  });

  it("knows who has signed what is told of a promotion, and takes members of an index for it", async () => {
    await using world = await twoAccounts();
    const members = [image({ seed: 1 }), image({ seed: 2 })];
    placeImage(world.dev("api"), index(members), { tags: ["1"] });
    world.prod("api");
    const pair = keyPair();
    const keys = {
      "cosign.key": pair.privatePem,
      "cosign.pub": pair.publicPem,
      "other.pub": keyPair().publicPem,
    };
    const app = `${prodHost}/api:1`;
    await world.promote([app, "--attest", "--attest-key", "cosign.key"], { files: keys });
    const [member] = members;
    if (member === undefined) throw new Error("a member");
    await using running = await startCluster(
      [deployment("api", app)],
      [podOf("api", app, { imageID: `${prodHost}/api@${rootDigest(member)}` })],
    );
    const files = {
      ...keys,
      "production.yaml": manifests(deployment("api", app)),
      kubeconfig: running.kubeconfig,
    };
    const seen = async (...args: string[]) => {
      const { state } = await statusOf(world, files, "--cluster", "production=kubeconfig", ...args);
      return state("api", "production")?.images[0];
    };
    expect(await seen("--key", "cosign.pub")).toMatchObject({
      promotion: { standing: "verified" },
      drift: [],
    });
    expect(await seen("--key", "other.pub")).toMatchObject({
      promotion: { standing: "unverified" },
      drift: [],
    });
  });

  it("goes on where a part cannot be read, and says so by its exit code", async () => {
    await using world = await twoAccounts();
    world.dev("api");
    placeImage(world.prod("api"), image(), { tags: ["1"] });
    const { code, status, state } = await statusOf(
      world,
      { "production.yaml": manifests(deployment("api", `${prodHost}/api:1`)), kubeconfig: "{}" },
      "--cluster",
      "production=kubeconfig",
      "--manifests",
      "staging=nowhere.yaml",
    );
    expect(code).toBe(4);
    const errors = Object.fromEntries(
      status.environments.map((each) => [each.name, each.errors.map((e) => e.code)]),
    );
    expect(errors).toEqual({
      development: ["Denied"],
      staging: ["Usage"],
      production: ["InvalidConfiguration"],
    });
    // Who may not list images does not know when they were pushed; that is no fault of theirs.
    const [api] = state("api", "production")?.images ?? [];
    expect(api).toMatchObject({ promoted: true });
    expect(api).not.toHaveProperty("error");
  });

  it("lists what registries hold where nobody names anything", async () => {
    await using world = await twoAccounts();
    world.allow("ecr:DescribeImages", "ecr:DescribeRepositories");
    placeImage(listable(world, "team/api"), image({ seed: 1 }), { tags: ["1", "latest"] });
    placeImage(world.prod("staging/team/api"), image({ seed: 1 }), { tags: ["1"] });
    placeImage(world.prod("team/web"), image({ seed: 2 }), { tags: ["2"] });
    const files = { "promoter.yaml": configuration.replace(" manifests: production.yaml,", "") };
    const { stderr, status, state } = await statusOf(world, files);
    expect(stderr).toBe("");
    expect(status.modules.map(({ module }) => module)).toEqual(["team/api", "team/web"]);
    expect(state("team/api", "staging")?.images[0]?.tag).toBe("1");
    expect(state("team/web", "production")?.images[0]?.tag).toBe("2");
  });

  it("writes what others named as text, never as markup, in every format", async () => {
    await using world = await twoAccounts();
    const files = { "promoter.yaml": configuration, "production.yaml": "<img src=x onerror=alert(1)>\u202e" };
    for (const format of ["text", "markdown", "html"]) {
      const { stdout } = await world.run(["status", "-o", format], { env, files });
      expect(stdout).toContain("production");
      if (format !== "text") expect(stdout).not.toContain("<img");
      expect(stdout).not.toContain("\u202e");
    }
  });

  it.each([
    { args: [], files: {}, says: "Nobody said which environments there are" },
    { args: ["--cluster", "prod"], files: { "promoter.yaml": configuration }, says: 'is called "prod"' },
    {
      args: ["--manifests", "production"],
      files: { "promoter.yaml": configuration },
      says: "has no path behind its name",
    },
  ])("refuses $args: $says", async ({ args, files, says }) => {
    const config = "promoter.yaml" in files ? ["--config", "promoter.yaml"] : [];
    const { code, stderr } = await runCommand(["status", ...config, ...args], { files });
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });
});
