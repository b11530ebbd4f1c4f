import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseImagePath } from "../../job/images/image-path.ts";
import { imagesInManifests } from "../../job/images/kubernetes-manifests.ts";
import { thrownBy } from "./thrown-by.ts";

const fault = (text: string, ...paths: string[]) =>
  thrownBy(() => imagesInManifests(text, "release.yaml", { paths: paths.map(parseImagePath) }));

const deployment = (image: string) =>
  `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: prod}
spec:
  template:
    spec:
      containers:
        - name: web
          image: ${image}
`;

const place = "(Deployment prod/web, spec.template.spec.containers[0].image)";

describe("images that nobody can pull", () => {
  it.each([
    ['""', `The image is empty ${place}`, "^^"],
    ['" "', `The image is empty ${place}`, "^^^"],
    ["", `The image is empty ${place}`, "^"],
    ["null", `The image is empty ${place}`, "^^^^"],
    ["1.10", `The image is no text ${place}`, "^^^^"],
    ["IMAGE:TAG", `Cannot read the image "IMAGE:TAG": "IMAGE" is no repository name ${place}`, "^^^^^^^^^"],
    [
      `\${IMAGE}`,
      `Cannot read the image "\${IMAGE}": "\${IMAGE}" is no repository name ${place}`,
      "^^^^^^^^",
    ],
    [
      "a.b/x:<tag>",
      `Cannot read the image "a.b/x:<tag>": the tag "<tag>" is not valid ${place}`,
      "^^^^^^^^^^^",
    ],
  ])("%s", (image, what, carets) => {
    expect(fault(deployment(image))).toMatchObject({
      code: "InvalidInput",
      message: [
        `release.yaml:9:18: ${what}`,
        `  9 |           image: ${image}`,
        `    |                  ${carets}`,
      ].join("\n"),
      hint: expect.stringContaining("render again"),
    });
  });

  it("an empty image of a custom resource is its controller's default", () => {
    const text = "apiVersion: e.f/v1\nkind: X\nspec: {containers: [{name: a, image: }]}\n";
    expect(imagesInManifests(text, "f")).toEqual([]);
  });

  it("a path with a kind that leads to no text", () => {
    const error = fault("apiVersion: e.f/v1\nkind: X\nspec:\n  image: {tag: a}\n", "X:spec.image");
    expect(error.message).toBe(
      "release.yaml:4:10: The image is no text (X, spec.image)\n  4 |   image: {tag: a}\n    |          ^^^^^^^^",
    );
  });
});

describe("texts that are no manifests", () => {
  it.each([
    ["a text", "hello\n", "1:1: The document is no Kubernetes object\n  1 | hello\n    | ^^^^^"],
    ["a list", "---\n- a\n", "2:1: The document is no Kubernetes object\n  2 | - a\n    | ^^^"],
    [
      "values",
      "image: x\n",
      "1:1: The document has no apiVersion and kind, so it is no Kubernetes object\n  1 | image: x\n    | ^^^^^^^^",
    ],
    [
      "a Kustomization",
      "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages: []\n",
      "1:1: Kustomization is what kustomize builds from, not what it built\n" +
        `  1 | apiVersion: kustomize.config.k8s.io/v1beta1\n    | ${"^".repeat(43)}`,
    ],
    [
      "a template",
      deployment("{{ .Values.image }}"),
      "9:19: A key is no text\n  9 |           image: {{ .Values.image }}\n    |                   ^",
    ],
    [
      "a tab",
      `${deployment("a.b/x:1")}\tfoo: 1\n`,
      "10:1: A tab stands in the indentation\n  10 | \tfoo: 1\n     | ^",
    ],
    [
      "a key twice",
      deployment("a.b/x:1").replace("name: web\n", "image: a.b/y:1\n"),
      "9:11: The same key stands twice in one mapping\n  9 |           image: a.b/x:1\n    |           ^",
    ],
    ["an open quote", deployment('"a.b/x:1'), "10:1: A quote is not closed"],
    [
      "an unknown alias",
      deployment("*nope"),
      "9:18: No anchor of this name stands before the alias\n  9 |           image: *nope\n    |                  ^^^^^",
    ],
  ])("%s", (_name, text, message) => {
    expect(fault(text)).toMatchObject({ code: "InvalidInput", message: `release.yaml:${message}` });
  });

  it("tells how to render", () => {
    expect(fault(deployment("{{ .Values.image }}")).hint).toContain("helm template");
    expect(
      fault("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Component\nimages: []\n").hint,
    ).toContain("kustomize build");
  });

  it("never shows a line of a Secret", () => {
    const text = "kind: Secret\napiVersion: v1\nimage: x\nstringData:\n  a: hunter2\n  a: hunter3\n";
    expect(fault(text).message).toBe("release.yaml:6:3: The same key stands twice in one mapping");
  });

  it("counts lines through the whole stream", () => {
    expect(fault(`${deployment("a.b/x:1")}---\n${deployment("IMAGE:TAG")}`).message).toMatch(
      /^release\.yaml:19:18: /,
    );
  });
});

describe("texts that would explode", () => {
  it.each([
    [
      "aliases of aliases",
      Array.from(
        { length: 12 },
        (_, i) => `a${i}: &a${i} [${Array(9).fill(i === 0 ? "x" : `*a${i - 1}`)}]`,
      ).join("\n"),
      /Aliases repeat too much/,
    ],
    ["an alias inside its own anchor", "a: &a [*a]", /nested too deeply|repeat too much/],
    ["a merge of itself", "a: &a {<<: *a}", /nested too deeply|repeat too much/],
    ["depth", `a: ${"[".repeat(50_000)}${"]".repeat(50_000)}`, /nested too deeply/],
  ])("%s", (_name, body, message) => {
    const error = fault(`apiVersion: v1\nkind: Pod\nimage: x\n${body}\n`);
    expect(error).toMatchObject({ code: "InvalidInput", message: expect.stringMatching(message) });
  });

  it("more than 64 MiB", () => {
    const error = fault(`apiVersion: v1\nkind: Pod\nx: ${"x".repeat(64 * 1024 * 1024)}`);
    expect(error).toMatchObject({
      code: "InvalidInput",
      message: "release.yaml:1:1: The text has more than 64 MiB",
    });
  });
});

it("refuses or reads any text, and never throws anything else", () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "apiVersion: v1\n",
      "kind: Pod\n",
      "---\n",
      "- ",
      "image: ",
      "containers:\n",
      "&a ",
      "*a",
      "<<: ",
      "{",
      "[",
      "%",
      "\t",
      "|\n",
      '"',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      try {
        imagesInManifests(pieces.join(""), "f");
      } catch (error) {
        expect(error).toMatchObject({ code: "InvalidInput" });
      }
    }),
    { numRuns: 1_000 },
  );
});
