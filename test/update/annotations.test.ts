import { describe, expect, it } from "vitest";
import { annotatedSubject } from "../../job/update/annotations.ts";
import type { UpdateSubject } from "../../job/update/application.ts";
import { applicationsIn } from "../../job/update/application-documents.ts";

const host = "222222222222.dkr.ecr.eu-west-1.amazonaws.com";
const git = { repoURL: "https://git.example.com/team/deploy.git", path: "apps/shop", targetRevision: "main" };

interface Wish {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec?: object;
  readonly namespace?: string;
}

function subjectOf({
  annotations,
  spec = { source: git },
  namespace = "argocd",
}: Wish): UpdateSubject | undefined {
  const prefixed = Object.fromEntries(
    Object.entries({ "write-back-method": "git", ...annotations }).map(([name, value]) => [
      `argocd-image-updater.argoproj.io/${name}`,
      value,
    ]),
  );
  const metadata = { name: "shop", namespace, annotations: prefixed };
  return annotatedSubject({ metadata, spec }, { argocdNamespace: "argocd" });
}

const imagesOf = (annotations: Wish["annotations"]) =>
  subjectOf({ annotations })?.images ?? expect.fail("no application");

describe("the annotations of Argo CD Image Updater", () => {
  it("name images with aliases and constraints", () => {
    const images = imagesOf({
      "image-list": `nginx, app=${host}/team/app:~1.2 ,localhost:5000/db,web/ui=quay.io/ui:>=1.0`,
    });
    expect(
      images.map(({ alias, name, image, policy }) => [alias, name, image.host, policy.versions?.text]),
    ).toEqual([
      ["nginx", "nginx", "docker.io", "*"],
      ["app", `${host}/team/app`, host, "~1.2"],
      ["localhost:5000_db", "localhost:5000/db", "localhost:5000", "*"],
      ["web_ui", "quay.io/ui", "quay.io", ">=1.0"],
    ]);
  });

  it.each([
    { words: {}, strategy: "semver" },
    { words: { "app.update-strategy": "newest-build" }, strategy: "newest-build" },
    { words: { "app.update-strategy": "latest" }, strategy: "newest-build" },
    { words: { "app.update-strategy": "name" }, strategy: "alphabetical" },
    { words: { "update-strategy": "digest" }, strategy: "digest" },
    {
      words: { "update-strategy": "digest", "app.update-strategy": "alphabetical" },
      strategy: "alphabetical",
    },
    { words: { "other.update-strategy": "digest" }, strategy: "semver" },
  ])("say by $words to go by $strategy", ({ words, strategy }) => {
    const [image] = imagesOf({ "image-list": `app=${host}/app`, ...words });
    expect(image?.policy.strategy).toBe(strategy);
  });

  it("name the tag whose digest is followed, versions with fewer numbers, and prereleases", () => {
    const [digest] = imagesOf({ "image-list": "app=nginx:stable", "app.update-strategy": "digest" });
    expect(digest?.policy).toMatchObject({ strategy: "digest", tag: "stable" });
    const [semver] = imagesOf({ "image-list": "app=nginx:1.x-0" });
    expect(
      ["1.2", "1.2.0-rc.1", "2.0"].map((tag) => semver?.policy.versions?.versionOf(tag)?.version),
    ).toEqual(["1.2.0", "1.2.0-rc.1", undefined]);
  });

  it("filter tags, and name platforms", () => {
    const [image] = imagesOf({
      "image-list": "app=nginx",
      "app.allow-tags": "regexp:^v[0-9]+$|rc",
      "ignore-tags": "latest, *-[a-c]?",
      "app.platforms": "linux/amd64, linux/arm64",
    });
    const allowed = ["v1", "v12", "1", "xv1", "1-rc.2", "rc"].filter((tag) =>
      image?.policy.allow?.matches(tag),
    );
    expect(allowed).toEqual(["v1", "v12", "1-rc.2", "rc"]);
    const ignored = ["latest", "1-ax", "1-dx", "1-a", "latest2"].filter((tag) =>
      image?.policy.ignore.some((matcher) => matcher.matches(tag)),
    );
    expect(ignored).toEqual(["latest", "1-ax"]);
    expect(image?.policy.platforms).toEqual(["linux/amd64", "linux/arm64"]);
  });

  const fields = { name: "image.name", tag: "image.tag" };
  const file = "apps/shop/.argocd-source-shop.yaml";
  const undecided = { kind: "argocd", path: file, folder: "apps/shop", fields, name: "nginx" };
  it.each([
    { words: {}, target: undecided },
    {
      words: { "app.helm.image-spec": "web.image" },
      target: { ...undecided, fields: { image: "web.image" } },
    },
    { words: { "app.helm.image-tag": "web.tag" }, target: { ...undecided, fields: { tag: "web.tag" } } },
    { words: { "app.kustomize.image-name": "base" }, target: { ...undecided, name: "base" } },
    {
      words: { "write-back-target": "kustomization" },
      target: { kind: "kustomization", path: "apps/shop", name: "nginx" },
    },
    {
      words: { "write-back-target": "kustomization:../../base", "app.kustomize.image-name": "base" },
      target: { kind: "kustomization", path: "base", name: "base" },
    },
    {
      words: { "write-back-target": "kustomization:/config/prod" },
      target: { kind: "kustomization", path: "config/prod", name: "nginx" },
    },
    {
      words: { "write-back-target": "helmvalues" },
      target: { kind: "values", path: "apps/shop/values.yaml", fields },
    },
    {
      words: {
        "write-back-target": "helmvalues:/env/prod.yaml",
        "app.helm.image-name": "web.repository",
        "app.helm.image-tag": "web.tag",
      },
      target: { kind: "values", path: "env/prod.yaml", fields: { name: "web.repository", tag: "web.tag" } },
    },
  ])("write with $words to $target.kind", ({ words, target }) => {
    const [image] = imagesOf({ "image-list": "app=nginx", ...words });
    expect(image?.targets).toEqual([target]);
  });

  it("put the namespace into the file of an application that is not Argo CD's own", () => {
    const subject = subjectOf({ annotations: { "image-list": "nginx" }, namespace: "team-a" });
    expect(subject?.name).toBe("team-a/shop");
    expect(subject?.images[0]?.targets).toMatchObject([
      { path: "apps/shop/.argocd-source-team-a_shop.yaml" },
    ]);
  });

  const chart = { repoURL: "https://charts.example.com", chart: "shop", targetRevision: "1.0.0" };
  const repository = git.repoURL;
  it.each([
    { words: {}, spec: { source: git }, source: { repository, branch: "main", path: "apps/shop" } },
    {
      words: {},
      spec: { source: { ...git, targetRevision: "HEAD" } },
      source: { repository, path: "apps/shop" },
    },
    { words: {}, spec: { source: { repoURL: repository } }, source: { repository, path: "" } },
    {
      words: { "git-branch": "prod" },
      spec: { source: git },
      source: { repository, branch: "prod", path: "apps/shop" },
    },
    {
      words: { "git-branch": "main:updates-{{.SHA256}}" },
      spec: { source: git },
      source: { repository, branch: "main", writeBranch: "updates-{{.SHA256}}", path: "apps/shop" },
    },
    {
      words: { "git-branch": ":updates" },
      spec: { source: git },
      source: { repository, branch: "main", writeBranch: "updates", path: "apps/shop" },
    },
    { words: {}, spec: { sources: [chart, git] }, source: { repository, branch: "main", path: "apps/shop" } },
    {
      words: {},
      spec: { sources: [chart, { repoURL: repository, targetRevision: "prod", ref: "values" }] },
      source: { repository, branch: "prod", path: "" },
    },
    {
      words: { "git-repository": "git@git.example.com:team/other.git", "git-branch": "main" },
      spec: { source: chart },
      source: { repository: "git@git.example.com:team/other.git", branch: "main", path: "" },
    },
  ])("are written with $words to $source", ({ words, spec, source }) => {
    expect(subjectOf({ annotations: { "image-list": "nginx", ...words }, spec })?.source).toEqual(source);
  });

  it("break an image by itself where they cannot be read", () => {
    const subject = subjectOf({
      annotations: {
        "image-list":
          "good=nginx,constraint=redis:latest,pattern=app,strategy=db,tag=web:a b,name=../x,good=redis",
        "tag.update-strategy": "digest",
        "pattern.allow-tags": "regexp:(?=x)",
        "strategy.update-strategy": "luck",
      },
    });
    expect(subject?.images.map(({ alias }) => alias)).toEqual(["good"]);
    expect(subject?.broken.map(({ alias, error }) => [alias, error.code])).toEqual([
      ["constraint", "InvalidConfiguration"],
      ["pattern", "InvalidConfiguration"],
      ["strategy", "InvalidInput"],
      ["tag", "InvalidInput"],
      ["name", "InvalidInput"],
      ["good", "InvalidInput"],
    ]);
  });

  it("say so where another one is to write, and whose credentials are not used", () => {
    const live = subjectOf({ annotations: { "image-list": "nginx", "write-back-method": "argocd" } });
    expect(live?.images).toEqual([]);
    expect(live?.warnings).toEqual([
      'Not updated: its write-back-method is "argocd", and only git is written to',
    ]);
    const secrets = subjectOf({
      annotations: {
        "image-list": "a=nginx",
        "a.pull-secret": "env:X",
        "write-back-method": "git:secret:a/b",
      },
    });
    expect(secrets?.warnings).toHaveLength(2);
    expect(secrets?.images).toHaveLength(1);
  });

  it.each([
    {
      words: { "image-list": Array.from({ length: 501 }, (_, i) => `a${i}`).join() },
      says: "more than 500 images",
    },
  ])("are refused whole: $says", ({ words, says }) => {
    expect(() => subjectOf({ annotations: words })).toThrow(says);
  });

  it.each(["kustomization:../../../x", "helmvalues:/../x", "helmvalues:.git/config", "helmvalues:a\u0000b"])(
    "lead nowhere out of the repository: %j",
    (target) => {
      const subject = subjectOf({ annotations: { "image-list": "nginx", "write-back-target": target } });
      expect(subject?.images).toEqual([]);
      expect(subject?.broken[0]?.error.message).toContain("leads out of the repository");
    },
  );

  it("ask for nothing without a list, or of what is no Application", () => {
    expect(subjectOf({ annotations: {} })).toBeUndefined();
    for (const value of [undefined, null, 1, "x", [], { metadata: { annotations: [1] } }])
      expect(annotatedSubject(value, { argocdNamespace: "argocd" })).toBeUndefined();
  });
});

describe("the Applications of a file", () => {
  const application = (name: string) => ({
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Application",
    metadata: { name },
  });
  const named = (text: string) =>
    applicationsIn(text, "apps.yaml").applications.map(
      (found) => (found as ReturnType<typeof application>).metadata.name,
    );

  it("are found among other documents, and in lists", () => {
    const list = { apiVersion: "v1", kind: "List", items: [application("b"), { kind: "Service" }] };
    const text = [
      "kind: Service",
      JSON.stringify(application("a")),
      JSON.stringify(list),
      "# argoproj.io",
    ].join("\n---\n");
    expect(named(text)).toEqual(["a", "b"]);
  });

  it("follow aliases within limits", () => {
    const text = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nx: &x {name: a}\nmetadata: *x\n";
    expect(named(text)).toEqual(["a"]);
    const levels = Array.from(
      { length: 12 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(", ")}]`,
    );
    const bomb = ["# argoproj.io", "l0: &l0 [x]", ...levels].join("\n");
    expect(() => applicationsIn(bomb, "apps.yaml")).toThrow(
      "Aliases repeat too much of a document in apps.yaml",
    );
  });

  it("are refused with their place where they are no YAML", () => {
    expect(() => applicationsIn("argoproj.io: [", "apps.yaml")).toThrow(/apps\.yaml:1:/);
  });
});

it.each(["file:///var/run/other.git", "FILE:///srv/a.git"])(
  "name no folder of this machine: %s",
  (repository) => {
    const annotations = { "image-list": `${host}/app`, "git-repository": repository };
    expect(() => subjectOf({ annotations })).toThrow(expect.objectContaining({ code: "InvalidInput" }));
    const spec = { source: { ...git, repoURL: repository } };
    expect(() => subjectOf({ annotations: { "image-list": "app" }, spec })).toThrow(
      /no folder of this machine/,
    );
  },
);

it("write no lines of their own into messages by an alias", () => {
  const subject = subjectOf({ annotations: { "image-list": `app\n[skip ci]=${host}/app` } });
  expect(subject?.images).toEqual([]);
  expect(subject?.broken).toMatchObject([
    { error: { message: expect.stringContaining("an alias has one line") } },
  ]);
});
