import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { readMetadata } from "../../job/config/metadata-file.ts";

const head = `apiVersion: image-promoter/v1
kind: MultiArchitecture
registry: registry.example.com/team
`;

it("fills in what repositories do not say themselves", () => {
  const { registry, repositories } = readMetadata(
    `${head}architectures: [amd64, linux/arm/v7]
format: docker
repositories:
  - web
  - name: api
    architectures: [arm64]
    source: "{repository}-{platform}:{tag}"
    tag: "{tag}-final"
    format: oci
    context: services/api
`,
    "metadata-multi.yaml",
  );
  expect(registry).toBe("registry.example.com/team");
  expect(repositories).toEqual([
    {
      name: "web",
      architectures: ["amd64", "linux/arm/v7"],
      source: "{repository}:{tag}-{architecture}",
      tag: "{tag}",
      format: "docker",
      annotations: {},
      context: ".",
      dockerfile: "Dockerfile",
      origin: "metadata-multi.yaml:7",
    },
    {
      name: "api",
      architectures: ["arm64"],
      source: "{repository}-{platform}:{tag}",
      tag: "{tag}-final",
      format: "oci",
      annotations: {},
      context: "services/api",
      dockerfile: "Dockerfile",
      origin: "metadata-multi.yaml:8",
    },
  ]);
});

describe("what is wrong is shown where it stands", () => {
  it.each([
    ["repositories: [a]\n", /:4:\d+: Nothing says what a is built for/],
    ["architectures: [amd64]\nrepositories: [A]\n", /:5:16: A repository has a-z/],
    ["architectures: [amd64]\nrepositories: [a, a]\n", /:5:19: a is here twice/],
    ["architectures: [amd 64]\nrepositories: [a]\n", /:4:17: Cannot read the platform/],
    ["architectures: []\nrepositories: [a]\n", /:4:16: /],
    [
      "architectures: [amd64]\nrepositories:\n  - name: a\n    sourc: x\n",
      /:7:5: Unknown field "sourc", did you mean "source"/,
    ],
    [
      "architectures: [amd64]\nsource: '{repository}:{arch}'\nrepositories: [a]\n",
      /:5:9: Nothing is known of \{arch\}/,
    ],
    [
      "architectures: [amd64]\nannotations: {a: '{architecture}'}\nrepositories: [a]\n",
      /Nothing is known of \{architecture\}/,
    ],
    ["architectures: [amd64]\n", /"repositories" is missing/],
  ])("%j", (text, message) => {
    expect(() => readMetadata(head + text, "metadata-multi.yaml")).toThrow(message);
  });

  it("says how such a file begins", () => {
    expect(() => readMetadata("", "m.yaml")).toThrow(/has no fields/);
  });
});

it("reads the example of the documentation", async () => {
  const [example = ""] = /(?<=```yaml\n)apiVersion[^`]*/.exec(await readFile("docs/index.md", "utf8")) ?? [];
  const { repositories } = readMetadata(example, "metadata-multi.yaml");
  expect(repositories.map(({ name, architectures }) => [name, architectures.length])).toEqual([
    ["web", 2],
    ["api", 2],
    ["legacy/billing", 1],
  ]);
});
