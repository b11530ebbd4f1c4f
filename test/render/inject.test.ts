import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import type { ImageRequest } from "../../job/images/image-request.ts";
import { formatReference } from "../../job/oci/reference.ts";
import { checkHooks } from "../../job/render/hooks/hook-checks.ts";
import { type InjectOptions, injectedLabel, injectJob } from "../../job/render/inject.ts";

const registry = "222222222222.dkr.ecr.eu-west-1.amazonaws.com";
const isRouted = (image: string) => image.startsWith(registry);
const select = (requests: readonly ImageRequest[]) => [
  ...new Set(requests.map(({ reference }) => formatReference(reference)).filter(isRouted)),
];
const values = { source: { registry: "dev.example.com" }, destination: { registry } };

function inject(text: string, options: Partial<InjectOptions> = {}) {
  return injectJob(text, { source: "release.yaml", select, values, name: "shop", ...options });
}

const deployment = (image: string, name = "web") => `# the ${name}
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}   # odd spacing,   kept
spec:
    template: {spec: {containers: [{image: '${image}', name: ${name}}]}}
`;
const web = deployment(`${registry}/web:1`);

/** The objects of a stream by kind and name, and the images that Jobs of ours list. */
function jobsIn(text: string) {
  return parseAllDocuments(text)
    .map((document) => document.toJS())
    .filter((object) => object?.kind === "Job");
}

function imagesOf(job: {
  spec: { template: { spec: { containers: { env: { name: string; value: string }[] }[] } } };
}) {
  const variable = job.spec.template.spec.containers[0]?.env.find(({ name }) => name === "PROMOTER_IMAGES");
  return variable?.value.split("\n");
}

describe("injectJob", () => {
  it("puts one Job behind the manifests that lists their routed images, each once", () => {
    const text = [
      web,
      deployment("docker.io/library/nginx", "proxy"),
      deployment(`${registry}/web:1`, "twin"),
    ].join("---\n");
    const injection = inject(text);
    expect(injection.text.startsWith(text)).toBe(true);
    expect(injection.images).toEqual([`${registry}/web:1`]);
    const [job, ...others] = jobsIn(injection.text);
    expect(others).toEqual([]);
    expect(imagesOf(job)).toEqual([`${registry}/web:1`]);
    expect(job.metadata.annotations).toMatchObject({ "argocd.argoproj.io/hook": "PreSync" });
  });

  it.each<[string, string]>([
    ["no last line end", web.trimEnd()],
    ["Windows line ends", web.replaceAll("\n", "\r\n")],
    ["a byte order mark", `\uFEFF${web}`],
    ["a byte order mark and a separator", `\uFEFF---\n${web}`],
    ["separators at both ends", `---\n${web}---\n`],
    ["an end of document", `${web}...\n`],
    ["a directive", `%YAML 1.2\n---\n${web}`],
    ["comments of its own", `# first\n\n---\n# second\n${web}\n\n# last\n`],
    [
      "a List",
      `apiVersion: v1\nkind: List\nitems:\n  - ${web.replace(/^#.*\n/, "").replaceAll("\n", "\n    ")}\n`,
    ],
    ["JSON", JSON.stringify(parse(web))],
    ["JSON of several lines", `${JSON.stringify(parse(web), undefined, 2)}\n`],
    ["tabs and other characters", `${web}# \t\u00e9\u{1f600}`],
  ])("keeps every byte of a text with %s", (_what, text) => {
    const once = inject(text).text;
    expect(once.startsWith(text)).toBe(true);
    expect(jobsIn(once.replace(/^\uFEFF/, ""))).toHaveLength(1);
    expect(once.slice(text.length).replaceAll("\r\n", "\n")).toMatch(/^\n?---\napiVersion: "?batch\/v1/);
    expect(inject(once).text).toBe(once);
  });

  it("writes the Job with the line ends of the text", () => {
    expect(inject(web.replaceAll("\n", "\r\n")).text).not.toMatch(/[^\r]\n/);
    expect(inject(web).text).not.toContain("\r");
  });

  it.each<[string, string]>([
    ["nothing is routed", deployment("docker.io/library/nginx")],
    ["there is nothing", ""],
    ["there are only comments", "# nothing\n---\n"],
  ])("adds nothing where %s", (_what, text) => {
    expect(inject(text)).toEqual({ text, images: [] });
  });

  it("replaces the Job of an earlier run when images have changed", () => {
    const before = inject(web).text;
    const after = inject(before.replace("web:1", "web:2")).text;
    const [job, ...others] = jobsIn(after);
    expect(others).toEqual([]);
    expect(imagesOf(job)).toEqual([`${registry}/web:2`]);
    expect(job.metadata.name).not.toBe(jobsIn(before)[0].metadata.name);
  });

  it("takes the Job away when there is nothing to promote any more", () => {
    const before = inject(web).text;
    expect(inject(before.replaceAll(registry, "docker.io")).text).toBe(web.replaceAll(registry, "docker.io"));
  });

  it("finds the Job of an earlier run wherever it was put", () => {
    const [job] = inject(web)
      .text.slice(web.length)
      .split(/^---\n/m)
      .slice(1);
    const moved = `${job}---\n${web}---\n${deployment(`${registry}/api:1`, "api")}`;
    const again = inject(moved).text;
    expect(jobsIn(again)).toHaveLength(1);
    expect(again.startsWith(`---\n${web}---\n# the api\n`)).toBe(true);
  });

  it("leaves the Jobs of others alone, those of the chart among them", () => {
    const other =
      "apiVersion: batch/v1\nkind: Job\nmetadata: {name: image-promoter-1, labels: {app.kubernetes.io/managed-by: Helm}}\n";
    const text = `${web}---\n${other}`;
    expect(inject(text).text.startsWith(text)).toBe(true);
  });

  it("refuses a List that holds a Job of an earlier run, which cannot be cut out", () => {
    const job = jobsIn(inject(web).text)[0];
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: [parse(web), job] });
    expect(() => inject(list)).toThrow(
      expect.objectContaining({
        code: "InvalidInput",
        message: expect.stringContaining("A List holds Job "),
      }),
    );
  });

  it("refuses an image that no node could pull, with its place", () => {
    expect(() => inject(deployment("$IMAGE"))).toThrow(/^release\.yaml:6:/);
  });

  it("names the service account, and brings it only when asked to", () => {
    const named = { ...values, serviceAccount: { name: "promoter" } };
    const kinds = (text: string) => parseAllDocuments(text).map((document) => document.toJS().kind);
    const alone = inject(web, { values: named }).text;
    expect(kinds(alone)).toEqual(["Deployment", "Job"]);
    expect(jobsIn(alone)[0].spec.template.spec.serviceAccountName).toBe("promoter");
    const whole = inject(web, { values: named, rbac: true }).text;
    expect(kinds(whole)).toEqual(["Deployment", "ServiceAccount", "Role", "RoleBinding", "Job"]);
    expect(inject(whole, { values: named, rbac: true }).text).toBe(whole);
    expect(inject(whole, { values: named }).text).toBe(alone);
  });

  it("brings the configuration that the Job cannot do without", () => {
    const more = {
      ...values,
      registries: [{ host: registry, roleArn: "arn:aws:iam::222222222222:role/push" }],
    };
    const { text } = inject(web, { values: more });
    expect(text).toContain("kind: ConfigMap");
    expect(inject(text, { values: more }).text).toBe(text);
  });

  it("keeps labels of the values, and runs as the default account where none is named", () => {
    const [job] = jobsIn(inject(web, { values: { ...values, commonLabels: { team: "shop" } } }).text);
    expect(job.metadata.labels).toMatchObject({ team: "shop", [injectedLabel]: "true" });
    expect(job.spec.template.spec.serviceAccountName).toBe("default");
  });

  it("walks into none of the traps that doctor looks for", () => {
    for (const rbac of [false, true]) {
      expect(checkHooks(inject(web, { rbac }).text, "-", { isRouted })).toEqual([]);
    }
  });

  it("keeps what it is given and changes nothing a second time, for any stream", () => {
    const images = fc.constantFrom(`${registry}/a:1`, `${registry}/b:2`, "docker.io/library/nginx");
    const document = fc
      .tuple(images, fc.constantFrom("web", "api"))
      .map(([image, name]) => deployment(image, name));
    const separator = fc.constantFrom("---\n", "--- # next\n", "\n---\n\n");
    fc.assert(
      fc.property(
        fc.array(document, { maxLength: 4 }),
        separator,
        fc.boolean(),
        (documents, between, windows) => {
          const plain = documents.join(between);
          const text = windows ? plain.replaceAll("\n", "\r\n") : plain;
          const once = inject(text).text;
          expect(once.startsWith(text)).toBe(true);
          expect(inject(once).text).toBe(once);
        },
      ),
      { numRuns: 30 },
    );
  });
});
