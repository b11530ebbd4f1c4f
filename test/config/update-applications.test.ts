import { describe, expect, it } from "vitest";
import { loadConfiguration } from "../../job/config/load.ts";
import { updateApplications } from "../../job/config/update-applications.ts";

const host = "222222222222.dkr.ecr.eu-west-1.amazonaws.com";

function configuration(update: string) {
  return loadConfiguration(
    `apiVersion: image-promoter/v1\nkind: Promoter\nupdate:\n${update}`,
    "deploy/promoter.yaml",
  );
}

const applications = (text: string) => updateApplications(configuration(text));

const shop = (images: string) => `  applications:
    - name: shop
      repository: https://git.example.com/team/deploy.git
      path: /overlays/production/
      images:
${images}`;

function imageOf(fields: string, head = "") {
  const [application] = applications(`${head}${shop(`        - image: ${host}/team/app\n${fields}`)}`);
  return application?.images[0] ?? expect.fail("no image");
}

describe("the applications of a configuration", () => {
  it("have a place in git, and images with a name and a kustomization unless they say otherwise", () => {
    const [application] = applications(shop(`        - image: ${host}/team/app\n`));
    expect(application).toMatchObject({
      name: "shop",
      origin: "deploy/promoter.yaml",
      source: { repository: "https://git.example.com/team/deploy.git", path: "overlays/production" },
      broken: [],
    });
    expect(application?.images).toMatchObject([
      {
        alias: "app",
        name: `${host}/team/app`,
        image: { host, repository: "team/app" },
        policy: { strategy: "semver", ignore: [], platforms: [], pin: false },
        targets: [{ kind: "kustomization", path: "overlays/production", name: `${host}/team/app` }],
      },
    ]);
    expect(application?.images[0]).not.toHaveProperty("sources");
  });

  it("keep the name as it is written, and look elsewhere where they are told to", () => {
    const [application] = applications(
      shop("        - { image: nginx:1, from: [docker.io/library/nginx, mirror.test/nginx] }\n"),
    );
    expect(application?.images).toMatchObject([
      {
        name: "nginx",
        image: { host: "docker.io", repository: "library/nginx" },
        sources: [
          { host: "docker.io", repository: "library/nginx" },
          { host: "mirror.test", repository: "nginx" },
        ],
      },
    ]);
  });

  it.each([
    {
      write: "{ kustomization: ../base, name: app }",
      target: { kind: "kustomization", path: "overlays/base", name: "app" },
    },
    {
      write: "{ values: v.yaml, tag: a.tag }",
      target: { kind: "values", path: "overlays/production/v.yaml", fields: { tag: "a.tag" } },
    },
    {
      write: "{ values: /v.yaml, name: a.name, tag: a.tag }",
      target: { kind: "values", path: "v.yaml", fields: { name: "a.name", tag: "a.tag" } },
    },
    {
      write: "{ values: /v.yaml, image: a }",
      target: { kind: "values", path: "v.yaml", fields: { image: "a" } },
    },
    {
      write: "{ file: p.yaml, field: spec.image }",
      target: { kind: "field", path: "overlays/production/p.yaml", field: "spec.image" },
    },
    { write: "{ marker: app }", target: { kind: "marker", path: "overlays/production", name: "app" } },
    { write: "{ marker: app, in: / }", target: { kind: "marker", path: "", name: "app" } },
  ])("are written by $write", ({ write, target }) => {
    expect(imageOf(`          write: [${write}]\n`).targets).toMatchObject([target]);
  });

  it("follow the defaults of all where they do not say otherwise", () => {
    const head = "  defaults: { prerelease: true, pin: true, ignore: [latest], platforms: [arm64] }\n";
    const { policy } = imageOf(
      "          constraint: ^1\n          pin: false\n          partialVersions: true\n",
      head,
    );
    expect(policy).toMatchObject({ strategy: "semver", pin: false, platforms: ["linux/arm64"] });
    expect(["1.2.0-rc.1", "1.2", "2.0.0"].filter((tag) => policy.versions?.versionOf(tag))).toEqual([
      "1.2.0-rc.1",
      "1.2",
    ]);
    expect(policy.ignore.some((matcher) => matcher.matches("latest"))).toBe(true);
    expect(imageOf("          strategy: digest\n          tag: main\n").policy).toMatchObject({
      tag: "main",
    });
  });

  const image = `        - image: ${host}/app\n`;
  it.each([
    { text: shop(`${image}          constraint: latest\n`), says: "is no constraint on semantic versions" },
    { text: shop(`${image}          allow: "(?=x)"\n`), says: "looks around" },
    { text: shop(`${image}          tag: a/b\n`), says: "A tag has up to 128" },
    { text: shop(`${image}          platforms: [amiga/68k]\n`), says: "Cannot read the platform" },
    {
      text: shop(`${image}          write: [{ kustomization: ../../.. }]\n`),
      says: "leads out of the repository",
    },
    {
      text: shop(`${image}          write: [{ file: .git/config, field: x }]\n`),
      says: "leads out of the repository",
    },
    {
      text: shop(`${image}          write: [{ values: v.yaml }]\n`),
      says: "Values have either image, or tag",
    },
    { text: shop("        - image: a b\n"), says: "Cannot read the image" },
    {
      text: `${shop(image)}    - { name: shop, repository: x, images: [{ image: a }] }\n`,
      says: "Two applications have the same name",
    },
    {
      text: "  git: { credentials: [{ repository: '*', password: hunter2 }] }\n",
      says: "Cannot take the secret itself",
    },
    {
      text: "  git: { credentials: [{ repository: '*' }] }\n",
      says: "Credentials have either password or sshKey",
    },
  ])("are refused where something is wrong: $says", ({ text, says }) => {
    let thrown: unknown;
    try {
      configuration(text);
    } catch (error) {
      thrown = error;
    }
    expect(String(thrown)).toContain(says);
    expect(String(thrown)).toContain("deploy/promoter.yaml:");
    expect(String(thrown)).not.toContain("hunter2");
  });
});
