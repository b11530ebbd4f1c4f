import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { parseImagePath } from "../../job/images/image-path.ts";
import { imagesInManifests } from "../../job/images/kubernetes-manifests.ts";
import { formatReference } from "../../job/oci/reference.ts";
import { imageText } from "./image-text.ts";

function images(text: string, ...paths: string[]): string[] {
  return imagesInManifests(text, "release.yaml", { paths: paths.map(parseImagePath) }).map(({ reference }) =>
    formatReference(reference),
  );
}

const pod = (image: string, name = "web") =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\nspec:\n  containers:\n    - name: a\n      image: ${image}\n`;

describe("streams", () => {
  it("tells where each image is written", () => {
    const text = `# Source: chart/templates/web.yaml\n${pod("a.b/x:1")}---\n# next\n${pod('"a.b/y:1"', "api")}`;
    expect(imagesInManifests(text, "release.yaml").map(({ origin }) => origin)).toEqual([
      { source: "release.yaml", line: 9, column: 14, field: "spec.containers[0].image", object: "Pod web" },
      { source: "release.yaml", line: 19, column: 14, field: "spec.containers[0].image", object: "Pod api" },
    ]);
  });

  it.each([
    ["nothing", "", []],
    ["only comments", "# nothing to see\n---\n# here\n", []],
    ["empty documents", `---\n---\n\n---\n${pod("a.b/x:1")}---\n`, ["a.b/x:1"]],
    ["a null document", `--- null\n---\n${pod("a.b/x:1")}`, ["a.b/x:1"]],
    ["CRLF", `---\n${pod("a.b/x:1")}---\n${pod("a.b/y:1")}`.replaceAll("\n", "\r\n"), ["a.b/x:1", "a.b/y:1"]],
    ["a byte order mark", `\uFEFF${pod("a.b/x:1")}`, ["a.b/x:1"]],
    ["document ends", `${pod("a.b/x:1")}...\n${pod("a.b/y:1")}...\n`, ["a.b/x:1", "a.b/y:1"]],
    ["a marker with a comment", `--- # one\n${pod("a.b/x:1")}`, ["a.b/x:1"]],
    ["a directive", `%YAML 1.2\n---\n${pod("a.b/x:1")}`, ["a.b/x:1"]],
    [
      "a tag's directive",
      `%TAG !e! tag:example.com,2000:\n---\n${pod("a.b/x:1")}note: !e!x y\n`,
      ["a.b/x:1"],
    ],
    ["a marker inside a block text", `${pod("a.b/x:1")}data: |\n  ---\n  kind: no\n`, ["a.b/x:1"]],
    ["a folded image", pod(">-\n        a.b/x:1"), ["a.b/x:1"]],
    ["an escaped key", pod("a.b/x:1").replace("image", '"im\\u0061ge"'), ["a.b/x:1"]],
    ["an image twice", `${pod("a.b/x:1")}---\n${pod("a.b/x:1")}`, ["a.b/x:1", "a.b/x:1"]],
  ])("reads %s", (_name, text, expected) => expect(images(text)).toEqual(expected));
});

describe("the promotion itself", () => {
  const promoter = (variable: string) =>
    `      containers: [{name: promoter, image: a.b/image-promoter:1, args: [promote], env: [{name: ${variable}, value: a.b/x:1}]}, {name: sidecar, image: a.b/sidecar:1}]`;
  const workload = (kind: string, variable = "PROMOTER_IMAGES") =>
    `apiVersion: batch/v1\nkind: ${kind}\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n${promoter(variable)}\n`;

  it.each(["Job", "CronJob", "Pod"])("asks for no promotion of its own image, as a %s", (kind) => {
    expect(images(workload(kind))).toEqual(["a.b/sidecar:1"]);
  });

  it("is known by its image and command as well", () => {
    expect(images(workload("Job", "OTHER"))).toEqual(["a.b/sidecar:1"]);
    expect(images(workload("Job", "OTHER").replace("promote]", "serve]"))).toContain("a.b/image-promoter:1");
    expect(images(workload("Job", "OTHER").replace("image-promoter:1", "web:1"))).toContain("a.b/web:1");
  });

  it("is not what a workload with its variables is", () => {
    expect(images(workload("Deployment"))).toEqual(["a.b/image-promoter:1", "a.b/sidecar:1"]);
  });
});

describe("aliases and merges", () => {
  it("are followed, and the place is where the image is written", () => {
    const text = `apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Pod
    spec: &spec
      containers: [{image: &image a.b/x:1}]
  - apiVersion: v1
    kind: Pod
    spec:
      <<: *spec
      initContainers: [{image: *image}]
  - apiVersion: v1
    kind: Pod
    spec:
      <<: [*spec]
      containers: [{image: a.b/own:1}]
`;
    expect(imagesInManifests(text, "f").map((r) => [formatReference(r.reference), r.origin.line])).toEqual([
      ["a.b/x:1", 7],
      ["a.b/x:1", 12],
      ["a.b/own:1", 17],
    ]);
  });
});

describe("paths", () => {
  const kafka = `apiVersion: kafka.strimzi.io/v1
kind: Kafka
spec:
  image: a.b/kafka:1
  unset: ""
  nothing:
  parts: [{image: a.b/one:1}, {image: a.b/two:1}, {}]
  settings: {image: {repository: x}}
`;

  it.each([
    [[], []],
    [["spec.image"], ["a.b/kafka:1"]],
    [["Kafka:spec.image"], ["a.b/kafka:1"]],
    [["Other:spec.image"], []],
    [["spec.parts[*].image"], ["a.b/one:1", "a.b/two:1"]],
    [
      ["spec.parts[1].image", "spec.image"],
      ["a.b/kafka:1", "a.b/two:1"],
    ],
    [["spec.unset"], []],
    [["spec.nothing"], []],
    [["spec.absent.image"], []],
    [["spec.settings.image"], []],
    [["spec.parts.image"], []],
  ])("%j", (paths, expected) => expect(images(kafka, ...paths)).toEqual(expected));

  it("find an image that a pod spec holds anyway only once", () => {
    expect(images(pod("a.b/x:1"), "spec.containers[*].image")).toEqual(["a.b/x:1"]);
  });

  it("lead into documents that do not speak of images", () => {
    expect(images("apiVersion: e.f/v1\nkind: X\nspec: {from: a.b/x:1}\n", "X:spec.from")).toEqual([
      "a.b/x:1",
    ]);
  });

  it("lead into a ConfigMap when they are asked to", () => {
    const text = "apiVersion: v1\nkind: ConfigMap\ndata: {proxy: a.b/x:1}\n";
    expect(images(text, "ConfigMap:data.proxy")).toEqual(["a.b/x:1"]);
  });
});

describe("whatever is rendered", () => {
  const anObject = fc.record({
    name: fc.stringMatching(/^[a-z]{1,8}$/),
    note: fc.string(),
    images: fc.array(imageText(), { maxLength: 4 }),
    depth: fc.nat(3),
  });

  it("gives the same images from YAML and JSON, each where the text says", () => {
    fc.assert(
      fc.property(fc.array(anObject, { minLength: 1, maxLength: 4 }), fc.boolean(), (objects, asJson) => {
        const built = objects.map(({ name, note, images: written, depth }) => {
          let spec: object = { containers: written.map((image) => ({ name, image })), note };
          for (let level = 0; level < depth; level += 1) spec = { template: { spec } };
          return { apiVersion: "e.f/v1", kind: "Thing", metadata: { name, annotations: { note } }, spec };
        });
        const text = asJson
          ? JSON.stringify({ apiVersion: "v1", kind: "List", items: built }, null, 1)
          : built.map((object) => stringify(object, { lineWidth: 0 })).join("---\n");
        const requests = imagesInManifests(text, "f");
        expect(requests.map(({ reference }) => formatReference(reference))).toEqual(
          objects.flatMap((o) => o.images),
        );
        const lines = text.split("\n");
        for (const { reference, origin } of requests) {
          const line = lines[(origin.line ?? 0) - 1] ?? "";
          expect(line.slice((origin.column ?? 0) - 1).replace(/^"/, "")).toMatch(
            formatReference(reference).slice(0, 9),
          );
        }
      }),
    );
  });
});

describe("size", () => {
  it("reads a release of 5,000 objects in under two seconds", () => {
    const service = (name: string) =>
      `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  ports: [{port: 80}]\n`;
    const text = Array.from({ length: 5_000 }, (_, index) =>
      index % 3 === 0 ? pod(`a.b/x:${index}`) : service(`s${index}`),
    ).join("---\n");
    const began = performance.now();
    expect(imagesInManifests(text, "f")).toHaveLength(1_667);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
