import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { UpdateReport } from "../../job/update/report.ts";
import { image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { type FakeKubernetes, forbidden, startKubernetes } from "../kubernetes/fake-kubernetes.ts";
import { type GitServer, startGitServer } from "../update/git/git-server.ts";
import type { CommandOptions } from "./command-run.ts";
import { crossAccountPull, devHost, prodHost, type TwoAccounts, twoAccounts } from "./two-accounts.ts";

let world: TwoAccounts;
let git: GitServer;

const kustomization = `# what runs in production
resources: [../../base]
images:
  - name: app # built by team A
    newName: ${prodHost}/team/app
    newTag: "1.0.0"
`;
const values = `web:
  image: { repository: ${prodHost}/team/web, tag: 1.0.0 }
`;

beforeEach(async () => {
  world = await twoAccounts();
  world.allow("ecr:DescribeImages");
  git = await startGitServer({
    "overlays/production/kustomization.yaml": kustomization,
    "charts/web/values.yaml": values,
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
  });
});
afterEach(async () => {
  await git[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

/** A repository of development with tags, the oldest build first. */
function dev(name: string, tags: readonly string[]) {
  const repository = world.dev(name);
  repository.policyText = crossAccountPull("ecr:DescribeImages");
  for (const [position, tag] of tags.entries())
    placeImage(repository, image({ seed: position + 1 }), { tags: [tag] });
  return repository;
}

const shop = (policy = "", more = "") => `apiVersion: image-promoter/v1
kind: Promoter
update:
  git: { author: { name: Updates, email: updates@example.com } }
  applications:
    - name: shop
      repository: ${git.address}
      path: overlays/production
      images:
        - image: ${prodHost}/team/app
          write: [{ kustomization: ., name: app }]
${policy}${more}`;

async function update(args: readonly string[], options: CommandOptions = {}) {
  const done = await world.run(["update", "-o", "json", ...args], options);
  const report: UpdateReport | undefined = done.stdout.startsWith("{")
    ? JSON.parse(`${done.stdout.split("\n}\n")[0]}\n}`)
    : undefined;
  return { ...done, report };
}

const withFile = (text: string): CommandOptions => ({
  env: { PROMOTER_CONFIG: "promoter.yaml" },
  files: { "promoter.yaml": text },
});

function kubeconfigOf({ port, certificate }: FakeKubernetes): string {
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    "certificate-authority-data": Buffer.from(certificate).toString("base64"),
  };
  return JSON.stringify({
    "current-context": "a",
    contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
    clusters: [{ name: "a", cluster }],
    users: [{ name: "a", user: { token: "reader" } }],
  });
}

describe("update", () => {
  it("plans, writes the newest version of where images come from, and then has nothing to do", async () => {
    dev("team/app", ["1.0.0", "1.10.0", "1.9.0", "2.0.0", "latest"]);
    const options = withFile(shop("          constraint: ^1.0\n"));
    const before = await git.git("rev-parse", "main");

    const planned = await update(["--dry-run"], options);
    expect(planned.stderr).toBe("");
    expect(planned.code).toBe(3);
    expect(planned.report).toMatchObject({
      kind: "UpdatePlan",
      summary: { applications: 1, images: 1, updated: 1, commits: 0 },
      applications: [
        {
          name: "shop",
          images: [{ alias: "app", status: "updated", from: { tag: "1.0.0" }, to: { tag: "1.10.0" } }],
        },
      ],
    });
    expect(await git.git("rev-parse", "main")).toBe(before);

    const written = await update([], options);
    expect(written.code).toBe(0);
    expect(written.report).toMatchObject({ kind: "UpdateReport", summary: { updated: 1, commits: 1 } });
    expect(await git.file("overlays/production/kustomization.yaml")).toBe(
      kustomization.replace("1.0.0", "1.10.0"),
    );
    expect(await git.git("log", "-1", "--format=%an <%ae>", "main")).toBe("Updates <updates@example.com>");
    expect(written.report?.applications[0]?.commit).toBe(await git.git("rev-parse", "main"));

    const again = await update(["--dry-run"], options);
    expect(again.code).toBe(0);
    expect(again.report?.summary).toMatchObject({ updated: 0, upToDate: 1, failed: 0 });
  });

  it("follows the annotations of Argo CD Image Updater", async () => {
    dev("team/web", ["1.0.0", "1.3.0"]);
    const applications = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
  namespace: argocd
  annotations:
    argocd-image-updater.argoproj.io/image-list: web=${prodHost}/team/web:~1
    argocd-image-updater.argoproj.io/web.helm.image-name: web.image.repository
    argocd-image-updater.argoproj.io/web.helm.image-tag: web.image.tag
    argocd-image-updater.argoproj.io/write-back-method: git
    argocd-image-updater.argoproj.io/write-back-target: helmvalues
spec:
  source: { repoURL: "${git.address}", path: charts/web, targetRevision: main }
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: other
  annotations:
    argocd-image-updater.argoproj.io/image-list: web=${prodHost}/team/web
    argocd-image-updater.argoproj.io/write-back-method: git
spec:
  source: { repoURL: "${git.address}", path: charts/web, targetRevision: main }
`;
    const { code, report, stderr } = await update(["--applications", "-"], { input: applications });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(report?.summary).toMatchObject({ applications: 2, updated: 2, commits: 1 });
    expect(await git.file("charts/web/values.yaml")).toBe(values.replace("1.0.0", "1.3.0"));
    expect(await git.file("charts/web/.argocd-source-other.yaml")).toContain("image.tag");
  });

  it("pins what is to be pinned, and keeps to platforms", async () => {
    const repository = dev("team/app", ["1.0.0", "1.1.0"]);
    placeImage(repository, image({ seed: 9, platform: { os: "linux", architecture: "arm64" } }), {
      tags: ["1.2.0"],
    });
    const policy = "          pin: true\n          platforms: [linux/amd64]\n";
    expect((await update([], withFile(shop(policy)))).code).toBe(0);
    const digest = rootDigest(image({ seed: 2 }));
    expect(await git.file("overlays/production/kustomization.yaml")).toBe(
      kustomization.replace('"1.0.0"\n', `"1.1.0"\n    digest: ${digest}\n`),
    );
  });

  it("writes what it can, and says what it could not", async () => {
    dev("team/app", ["1.0.0", "1.1.0"]);
    const more = `        - image: ${prodHost}/team/gone
          write: [{ kustomization: ., name: gone }]
    - name: nowhere
      repository: ${git.origin}/team/nowhere.git
      images: [{ image: ${prodHost}/team/app }]
`;
    const { code, report } = await update([], withFile(shop("", more)));
    expect(code).not.toBe(0);
    expect(report?.summary).toMatchObject({ updated: 1, failed: 2, commits: 1 });
    expect(report?.applications[0]?.images[1]).toMatchObject({
      status: "failed",
      error: { code: "Denied", message: expect.stringContaining(`${devHost}/team/gone`) },
    });
    expect(report?.applications[1]?.error).toBeDefined();
    expect(await git.file("overlays/production/kustomization.yaml")).toBe(
      kustomization.replace("1.0.0", "1.1.0"),
    );
  });

  it("looks again until it is stopped", async () => {
    const repository = dev("team/app", ["1.0.0"]);
    const stop = new AbortController();
    const running = world.run(["update", "--every", "50ms"], {
      ...withFile(shop()),
      signal: stop.signal,
    });
    await expect.poll(() => git.requests.length).toBeGreaterThan(2);
    placeImage(repository, image({ seed: 5 }), { tags: ["1.5.0"] });
    await expect
      .poll(() => git.file("overlays/production/kustomization.yaml"), { timeout: 10_000 })
      .toContain("1.5.0");
    stop.abort();
    const { code, stdout } = await running;
    expect(code).toBe(0);
    const lines = stdout.trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).summary.updated)).toEqual([1]);
  });

  it("reads the Applications of a cluster, and says what it has to be granted", async () => {
    dev("team/web", ["1.0.0", "1.3.0"]);
    const metadata = (name: string, annotations: object) => ({ name, namespace: "argocd", annotations });
    const source = { repoURL: git.address, path: "charts/web", targetRevision: "main" };
    const prefix = "argocd-image-updater.argoproj.io";
    const annotations = {
      [`${prefix}/image-list`]: `web=${prodHost}/team/web`,
      [`${prefix}/web.helm.image-tag`]: "web.image.tag",
      [`${prefix}/write-back-method`]: "git",
      [`${prefix}/write-back-target`]: "helmvalues:/charts/web/values.yaml",
    };
    const items = [
      { metadata: metadata("web", annotations), spec: { source } },
      { metadata: metadata("plain", {}), spec: { source } },
      { metadata: metadata("lost", annotations), spec: {} },
    ];
    const updater = {
      metadata: { name: "updates", namespace: "argocd" },
      spec: {
        writeBackConfig: { method: "git" },
        applicationRefs: [
          { namePattern: "pl*", images: [{ alias: "web", imageName: `${prodHost}/team/web:1.0.x` }] },
        ],
      },
    };
    let denied = false;
    const lists = [
      ["/apis/argoproj.io/v1alpha1/applications", items],
      ["/apis/argocd-image-updater.argoproj.io/v1alpha1/imageupdaters", [updater]],
    ] as const;
    await using api = await startKubernetes(({ path }) => {
      const [, list] = lists.find(([start]) => path.startsWith(start) && !denied) ?? [];
      return list === undefined ? forbidden : { status: 200, body: { metadata: {}, items: list } };
    });
    const options = { env: { KUBECONFIG: "kubeconfig" }, files: { kubeconfig: kubeconfigOf(api) } };
    const found = await update(["--cluster-applications", "--dry-run"], options);
    expect(
      found.report?.applications.map(({ name, images, error }) => [name, images.length, error?.code]),
    ).toEqual([
      ["argocd/web", 1, undefined],
      ["argocd/plain", 1, undefined],
      ["argocd/lost", 0, "InvalidInput"],
    ]);
    expect(found.code).toBe(4);
    const chosen = await update(["--cluster-applications", "--application", "w*"], options);
    expect(chosen.code).toBe(0);
    expect(await git.file("charts/web/values.yaml")).toBe(values.replace("1.0.0", "1.3.0"));
    denied = true;
    const refused = await update(["--cluster-applications"], options);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain("Grant get and list on applications.argoproj.io");
    const nowhere = await update(["--cluster-applications"]);
    expect(nowhere.stderr).toContain("There is no cluster to read Applications from");
  });

  it("reads an image's content once, however often it looks", async () => {
    const repository = dev("team/app", ["abc", "def"]);
    const stop = new AbortController();
    const policy = "          strategy: newest-build\n";
    const running = world.run(["update", "--every", "20ms"], {
      ...withFile(shop(policy)),
      signal: stop.signal,
    });
    const tagInGit = async () =>
      /newTag: "?(\w+)/.exec(await git.file("overlays/production/kustomization.yaml"))?.[1];
    await expect.poll(tagInGit, { timeout: 10_000 }).toBe("def");
    const lists = () => world.emulator.requests.filter(({ action }) => action === "DescribeImages").length;
    const before = lists();
    await expect.poll(lists, { timeout: 10_000 }).toBeGreaterThan(before + 3);
    placeImage(repository, image({ seed: 9 }), { tags: ["aaa"] });
    await expect.poll(tagInGit, { timeout: 10_000 }).toBe("aaa");
    stop.abort();
    expect((await running).code).toBe(0);
    const manifests = world.emulator.requests.filter(({ kind }) => kind === "manifest-get");
    expect(new Set(manifests.map(({ path }) => path)).size).toBe(manifests.length);
    expect(manifests).toHaveLength(3);
  });

  it.each([
    {
      format: "text",
      says: `shop  main\n  + app  1.0.0 → 1.1.0\n      overlays/production/kustomization.yaml:6\n1 image of 1 application: 1 to update\n`,
    },
    {
      format: "markdown",
      says: "| <code>shop</code> | <code>app</code> | <code>1.0.0 → 1.1.0</code> | ✅ | <code>main</code> |",
    },
    { format: "yaml", says: "kind: UpdatePlan" },
  ])("tells it as $format", async ({ format, says }) => {
    dev("team/app", ["1.0.0", "1.1.0"]);
    const { stdout } = await world.run(["update", "--dry-run", "-o", format], withFile(shop()));
    expect(stdout).toContain(says);
  });
});
