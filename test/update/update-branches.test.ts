import { describe, expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import { parseReference } from "../../job/oci/reference.ts";
import type {
  ChangeSet,
  GitRepositories,
  UpdatedImage,
  UpdateSubject,
  UpdateTarget,
} from "../../job/update/application.ts";
import { updateBranches } from "../../job/update/update-branches.ts";
import { versionConstraint } from "../../job/update/version-constraint.ts";
import { targetWriter } from "../../job/update/write/target-writer.ts";
import { registryOf } from "./registry-world.ts";
import { memoryTree } from "./write/memory-tree.ts";

const repository = "https://token:secret@git.example.com/team/deploy.git";
const kustomization = (tag: string) =>
  `images:\n- name: app\n  newName: prod.example.com/app\n  newTag: ${tag}\n`;

function image(more: Partial<UpdatedImage> = {}): UpdatedImage {
  return {
    alias: "app",
    image: parseReference("prod.example.com/app"),
    name: "prod.example.com/app",
    policy: {
      strategy: "semver",
      versions: versionConstraint("*", { prerelease: false, lenient: false }),
      ignore: [],
      platforms: [],
      pin: false,
    },
    targets: [{ kind: "kustomization", path: "prod", name: "app" }],
    ...more,
  };
}

function subject(name: string, more: Partial<UpdateSubject> = {}): UpdateSubject {
  const source = { repository, branch: "main", path: "prod" };
  return { name, origin: "promoter.yaml", source, images: [image()], broken: [], warnings: [], ...more };
}

/** Git whose branches are trees in memory; `races` pushes of somebody else come before ours. */
function memoryGit(
  files: Readonly<Record<string, string>>,
  races: readonly Readonly<Record<string, string>>[] = [],
) {
  const tree = memoryTree(files);
  const changes: ChangeSet[] = [];
  const git: GitRepositories = {
    async change(branch, edit, { signal }) {
      for (const race of races) {
        await edit(memoryTree(Object.fromEntries(tree.files)), signal);
        for (const [path, text] of Object.entries(race)) tree.files.set(path, text);
      }
      const change = await edit(tree, signal);
      changes.push(change);
      if (change.changes.length === 0) return { status: "unchanged", branch: branch.branch ?? "main" };
      return { status: "pushed", branch: branch.branch ?? "main", commit: "c0ffee" };
    },
    async [Symbol.asyncDispose]() {},
  };
  return { git, tree, changes };
}

const registry = registryOf({ "dev.example.com/app": ["1.0.0", "1.1.0"], "prod.example.com/app": ["1.0.0"] });
const routes = [
  { to: { host: "prod.example.com", prefix: "" }, from: [{ host: "dev.example.com", prefix: "" }] },
];
const { signal } = new AbortController();

function update(subjects: readonly UpdateSubject[], git: GitRepositories) {
  const tools = { registry, routes, writer: targetWriter, concurrency: 4 };
  return updateBranches(subjects, { ...tools, git, dryRun: false, atOnce: 2, signal });
}

describe("the update of branches", () => {
  it("makes one change of all applications of a branch, by the tags of where routes lead", async () => {
    const { git, tree, changes } = memoryGit({
      "prod/kustomization.yaml": kustomization("1.0.0"),
      "stage/kustomization.yaml": kustomization("1.0.0"),
    });
    const stage = image({ targets: [{ kind: "kustomization", path: "stage", name: "app" }] });
    const reports = await update([subject("a"), subject("b", { images: [stage] })], git);
    expect(changes).toHaveLength(1);
    expect(changes[0]?.changes.map(({ application, from, to }) => [application, from, to])).toEqual([
      ["a", { tag: "1.0.0" }, { tag: "1.1.0" }],
      ["b", { tag: "1.0.0" }, { tag: "1.1.0" }],
    ]);
    expect(tree.files.get("stage/kustomization.yaml")).toBe(kustomization("1.1.0"));
    expect(reports.map(({ name, commit, repository: address }) => [name, commit, address])).toEqual([
      ["a", "c0ffee", "https://git.example.com/team/deploy.git"],
      ["b", "c0ffee", "https://git.example.com/team/deploy.git"],
    ]);
  });

  it("finds the entry of a kustomization also by the name that it gives", async () => {
    const { git, tree } = memoryGit({ "prod/kustomization.yaml": kustomization("1.0.0") });
    const named = image({ targets: [{ kind: "kustomization", path: "prod", name: "prod.example.com/app" }] });
    await update([subject("a", { images: [named] })], git);
    expect(tree.files.get("prod/kustomization.yaml")).toBe(kustomization("1.1.0"));
  });

  it("looks again at what somebody else has pushed meanwhile", async () => {
    const files = { "prod/kustomization.yaml": kustomization("1.0.0") };
    const { git, changes } = memoryGit(files, [{ "prod/kustomization.yaml": kustomization("1.1.0") }]);
    const [report] = await update([subject("a")], git);
    expect(changes[0]?.changes).toEqual([]);
    expect(report?.images).toMatchObject([{ status: "up-to-date", to: { tag: "1.1.0" }, edits: [] }]);
    expect(report).not.toHaveProperty("commit");
  });

  it("leaves the files of an image alone, one of whose targets cannot be written", async () => {
    const { git, tree } = memoryGit({
      "prod/kustomization.yaml": kustomization("1.0.0"),
      "prod/values.yaml": "tag: [1]\n",
    });
    const targets: UpdateTarget[] = [
      { kind: "kustomization", path: "prod", name: "app" },
      { kind: "values", path: "prod/values.yaml", fields: { tag: "tag.deeper" } },
    ];
    const [report] = await update([subject("a", { images: [image({ targets })] })], git);
    expect(report?.images).toMatchObject([{ status: "failed", error: { code: "InvalidInput" }, edits: [] }]);
    expect(tree.files.get("prod/kustomization.yaml")).toBe(kustomization("1.0.0"));
  });

  it("makes a branch for each application where the branch is named after it", async () => {
    const { git, changes } = memoryGit({ "prod/kustomization.yaml": kustomization("1.0.0") });
    const own = {
      source: { repository, branch: "main", path: "prod", writeBranch: "updates-{{application}}" },
    };
    await update([subject("a", own), subject("b", own)], git);
    expect(changes).toHaveLength(2);
    const shared = { source: { ...own.source, writeBranch: "app-updates" } };
    await update([subject("a", shared), subject("b", shared)], git);
    expect(changes).toHaveLength(3);
  });

  it("lets a branch that fails stop no other, and asks git nothing where nothing is to be done", async () => {
    const { git, tree } = memoryGit({ "prod/kustomization.yaml": kustomization("1.0.0") });
    const failing: GitRepositories = {
      ...git,
      async change(branch, edit, options) {
        if (branch.branch === "broken") throw new PromoterError("Denied", "The branch is protected");
        if (branch.branch === "idle") throw new Error("asked");
        return git.change(branch, edit, options);
      },
    };
    const on = (branch: string) => ({ source: { repository, branch, path: "prod" } });
    const reports = await update(
      [
        subject("a", on("broken")),
        subject("b", { ...on("idle"), images: [], warnings: ["not ours"] }),
        subject("c"),
        subject("d", {
          images: [],
          broken: [{ alias: "x", error: new PromoterError("InvalidInput", "no") }],
        }),
      ],
      failing,
    );
    expect(
      reports.map(({ name, error, images }) => [name, error?.code, images.map(({ status }) => status)]),
    ).toEqual([
      ["a", "Denied", []],
      ["b", undefined, []],
      ["c", undefined, ["updated"]],
      ["d", undefined, ["failed"]],
    ]);
    expect(tree.files.get("prod/kustomization.yaml")).toBe(kustomization("1.1.0"));
  });

  it.each([
    {
      files: { "prod/kustomization.yaml": "resources: []\n" },
      path: "prod/.argocd-source-a.yaml",
      has: "kustomize:",
    },
    { files: { "prod/Chart.yaml": "name: a\n" }, path: "prod/.argocd-source-a.yaml", has: "helm:" },
  ])("writes beside the manifests what Argo CD reads: $has", async ({ files, path, has }) => {
    const { git, tree } = memoryGit({ ...files });
    const fields = { name: "image.name", tag: "image.tag" };
    const target = { kind: "argocd", path, folder: "prod", fields, name: "app" } as const;
    const [report] = await update([subject("a", { images: [image({ targets: [target] })] })], git);
    expect(report?.images).toMatchObject([{ status: "updated", to: { tag: "1.1.0" } }]);
    expect(report?.images[0]).not.toHaveProperty("from");
    expect(tree.files.get(path)).toContain(has);
    expect(tree.files.get(path)).toContain("1.1.0");
  });
});
