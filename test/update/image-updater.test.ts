import { describe, expect, it } from "vitest";
import { annotatedSubject } from "../../job/update/annotations.ts";
import { applicationsIn } from "../../job/update/application-documents.ts";
import { ruleFor, updaterRules } from "../../job/update/image-updater.ts";

const updater = `apiVersion: argocd-image-updater.argoproj.io/v1alpha1
kind: ImageUpdater
metadata: { name: all, namespace: argocd }
spec:
  namespace: argocd
  commonUpdateSettings: { updateStrategy: semver, ignoreTags: [latest, "*-dev"] }
  writeBackConfig:
    method: git
    gitConfig: { branch: "main:updates-{{.SHA256}}", writeBackTarget: kustomization }
  applicationRefs:
    - namePattern: shop-*
      labelSelectors:
        matchLabels: { tier: web }
        matchExpressions: [{ key: env, operator: In, values: [prod, stage] }]
      commonUpdateSettings: { platforms: [linux/amd64, linux/arm64] }
      writeBackConfig: { gitConfig: { branch: prod } }
      images:
        - alias: web
          imageName: "quay.io/team/web:>=1.2, <2"
          manifestTargets: { kustomize: { name: web } }
        - alias: db/main
          imageName: quay.io/team/db:stable
          commonUpdateSettings: { updateStrategy: digest, ignoreTags: [] }
    - namePattern: charts
      writeBackConfig: { gitConfig: { writeBackTarget: helmvalues } }
      images:
        - alias: web
          imageName: quay.io/team/web
          commonUpdateSettings: { updateStrategy: newest-build, allowTags: "regexp:^main-" }
          manifestTargets: { helm: { name: web.image.name, tag: web.image.tag } }
    - { namePattern: annotated, useAnnotations: true }
`;

const rules = applicationsIn(updater, "updater.yaml").updaters.flatMap(updaterRules);

interface Wish {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  readonly list?: string;
}

function subjectOf({ name, labels = {}, namespace = "argocd", list }: Wish) {
  const annotations =
    list === undefined
      ? {}
      : {
          "argocd-image-updater.argoproj.io/image-list": list,
          "argocd-image-updater.argoproj.io/write-back-method": "git",
        };
  const source = { repoURL: "https://git.example.com/a.git", path: "apps", targetRevision: "main" };
  const application = { metadata: { name, namespace, labels, annotations }, spec: { source } };
  return annotatedSubject(application, { argocdNamespace: "argocd", rules });
}

const web = { tier: "web", env: "prod" };

describe("an ImageUpdater", () => {
  it("asks for the images of the applications that it chooses, the nearest setting first", () => {
    const subject = subjectOf({ name: "shop-a", labels: web, list: "ignored=nginx" });
    expect(subject?.source).toMatchObject({ branch: "prod", path: "apps" });
    expect(subject?.source).not.toHaveProperty("writeBranch");
    expect(subject?.images).toMatchObject([
      {
        alias: "web",
        name: "quay.io/team/web",
        policy: {
          strategy: "semver",
          platforms: ["linux/amd64", "linux/arm64"],
          versions: { text: ">=1.2, <2" },
        },
        targets: [{ kind: "kustomization", path: "apps", name: "web" }],
      },
      { alias: "db_main", policy: { strategy: "digest", tag: "stable" } },
    ]);
    expect(subject?.images[0]?.policy.ignore.some((matcher) => matcher.matches("1.2.3-dev"))).toBe(true);
  });

  it("writes Helm values, and to a branch of its own, where it says so", () => {
    const subject = subjectOf({ name: "charts" });
    expect(subject?.source).toMatchObject({ branch: "main", writeBranch: "updates-{{.SHA256}}" });
    expect(subject?.images).toMatchObject([
      {
        policy: { strategy: "newest-build" },
        targets: [
          {
            kind: "values",
            path: "apps/values.yaml",
            fields: { name: "web.image.name", tag: "web.image.tag" },
          },
        ],
      },
    ]);
    expect(["main-1", "x-main-1"].map((tag) => subject?.images[0]?.policy.allow?.matches(tag))).toEqual([
      true,
      false,
    ]);
  });

  it.each<Wish>([
    { name: "shop", labels: web },
    { name: "shop-a", labels: { tier: "web" } },
    { name: "shop-a", labels: { ...web, env: "dev" } },
    { name: "shop-a", labels: web, namespace: "team" },
    { name: "annotated" },
  ])("leaves $name with $labels in $namespace alone", (wish) => {
    expect(subjectOf(wish)).toBeUndefined();
  });

  it("lets annotations be where it says so, and where it chooses nothing", () => {
    for (const name of ["annotated", "other"])
      expect(subjectOf({ name, list: "app=nginx" })?.images.map(({ alias }) => alias)).toEqual(["app"]);
  });

  it("is no rule where it says nothing that could be one", () => {
    for (const value of [undefined, 1, {}, { spec: { applicationRefs: 5 } }])
      expect(updaterRules(value)).toEqual([]);
    const odd = updaterRules({
      spec: { applicationRefs: [null, { labelSelectors: [{ matchExpressions: [{ operator: "Is" }] }] }] },
    });
    expect(odd).toHaveLength(2);
    expect(ruleFor({ metadata: { name: "a" } }, odd.slice(1))).toBeUndefined();
    expect(() => updaterRules({ spec: { applicationRefs: [{ namePattern: "[z-a]" }] } })).toThrow(
      "ends reversed",
    );
  });
});
