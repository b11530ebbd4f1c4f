import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWithTool } from "../tool.ts";
import { chartFolder, type HelmShell, helms, openHelm } from "./helm.ts";

const base = {
  images: ["prod.example.com/app:1"],
  source: { registry: "dev.example.com" },
  destination: { registry: "prod.example.com" },
};

/** Values that are wrong, with what Helm has to name. */
const wrong: readonly [name: string, values: object, said: RegExp][] = [
  [
    "a number that is a text",
    { ...base, job: { backoffLimit: "three" } },
    /backoffLimit.*got string, want integer/,
  ],
  ["a value that nobody knows", { ...base, jobs: {} }, /additional properties 'jobs' not allowed/],
  ["a misspelt value inside another", { ...base, hook: { engin: "helm" } }, /\/hook.*'engin' not allowed/],
  [
    "a word that is no choice",
    { ...base, hook: { engine: "flux" } },
    /\/hook\/engine.*must be one of 'argocd', 'helm', 'none'/,
  ],
  [
    "an account without quotes",
    { ...base, source: { account: 111111111111, region: "eu-west-1" } },
    /\/source\/account.*want string/,
  ],
  ["no deadline", { ...base, job: { activeDeadlineSeconds: 0 } }, /activeDeadlineSeconds.*minimum/],
  [
    "a deadline that was taken out",
    { ...base, job: { activeDeadlineSeconds: null } },
    /missing property 'activeDeadlineSeconds'/,
  ],
  ["an image with a space", { ...base, images: ["prod.example.com/app 1"] }, /\/images\/0.*does not match/],
  [
    "a registry that is a URL",
    { ...base, destination: { registry: "https://prod.example.com" } },
    /\/destination\/registry.*does not match/,
  ],
  [
    "two destinations",
    { ...base, destination: { registry: "a.example.com,b.example.com" } },
    /\/destination\/registry.*does not match/,
  ],
  [
    "a registry with a slash at its end",
    { ...base, source: { registry: "dev.example.com/" } },
    /\/source\/registry.*does not match/,
  ],
  ["a digest that is none", { ...base, image: { digest: "sha256:abc" } }, /\/image\/digest/],
  ["a name with capitals", { ...base, nameOverride: "Promoter" }, /\/nameOverride/],
  ["a duration that is none", { ...base, copy: { timeout: "soon" } }, /\/copy\/timeout/],
  ["too many transfers", { ...base, copy: { concurrency: 1000 } }, /\/copy\/concurrency.*maximum/],
  [
    "an environment variable without a name",
    { ...base, extraEnv: [{ value: "x" }] },
    /\/extraEnv\/0.*missing property 'name'/,
  ],
  [
    "an environment variable that has a value of its own",
    { ...base, extraEnv: [{ name: "PROMOTER_STRICT", value: "true" }] },
    /\/extraEnv\/0\/name/,
  ],
  [
    "a repository setting that nobody knows",
    { ...base, copy: { repositorySettings: { immutable: true } } },
    /repositorySettings.*'immutable' not allowed/,
  ],
];

/** What no schema can say, and the templates refuse. */
const refused: readonly [name: string, values: object, said: RegExp][] = [
  [
    "routes beside a source",
    { ...base, routes: [{ to: "a.example.com", from: "b.example.com" }] },
    /routes stand instead of source and destination/,
  ],
  ["images from nowhere", { images: base.images }, /nobody said where they come from and go to/],
  ["a source without a destination", { images: base.images, source: base.source }, /belong together/],
  [
    "an account without a region",
    { ...base, source: { account: "111111111111" } },
    /account and region belong together/,
  ],
  [
    "a region without an account",
    { ...base, source: { registry: "dev.example.com", region: "eu-west-1" } },
    /account and region belong together/,
  ],
  [
    "a template that comes to no image",
    { ...base, images: ["{{ .Release.Name }} x"] },
    /"shop x" is no image/,
  ],
];

describeWithTool(helms, () => {
  let helm: HelmShell;
  beforeAll(async () => {
    helm = await openHelm();
  });
  afterAll(() => helm[Symbol.asyncDispose]());

  it.each(helms)("%s lint --strict is content with the defaults, and with images", async (program) => {
    for (const values of [{}, base, { ...base, hook: { engine: "helm" } }]) {
      const { exitCode, stdout, stderr } = await helm.lint(program, chartFolder, values);
      expect(exitCode, `${stdout}${stderr}`).toBe(0);
    }
  });

  it.each(wrong)("helm lint names %s", async (_name, values, said) => {
    for (const program of helms) {
      const { exitCode, stdout, stderr } = await helm.lint(program, chartFolder, values);
      expect(exitCode, program).not.toBe(0);
      expect(`${stdout}${stderr}`, program).toMatch(said);
    }
  });

  it.each(refused)("helm template names %s", async (_name, values, said) => {
    for (const program of helms)
      await expect(helm.template(program, chartFolder, { values })).rejects.toThrow(said);
  });

  it("tells after an installation what runs, and how to run it again", async () => {
    const values = base;
    const notes = await notesOf(helm, values);
    expect(notes).toContain("promotes 1 image(s) in each Argo CD sync, as a PreSync hook:");
    expect(notes).toContain("prod.example.com/app:1");
    expect(notes).toContain("kubectl --namespace apps create job rerun --from=cronjob/shop-image-promoter");
    expect(
      await notesOf(helm, { ...values, cronJob: { enabled: false }, hook: { engine: "helm" } }),
    ).not.toContain("rerun");
    expect(await notesOf(helm, {})).toContain("has no images to promote");
  });
});

/** Helm 4 alone prints notes where there is no cluster. */
async function notesOf(helm: HelmShell, values: object): Promise<string> {
  const { exitCode, stdout, stderr } = await helm.run("helm", [
    "install",
    "shop",
    chartFolder,
    "--namespace=apps",
    "--dry-run=client",
    ...Object.entries(values).map(([key, value]) => `--set-json=${key}=${JSON.stringify(value)}`),
  ]);
  expect(exitCode, stderr).toBe(0);
  return stdout.slice(stdout.indexOf("NOTES:"));
}
