import { describe, expect, it } from "vitest";
import { parseImagePath } from "../../job/images/image-path.ts";
import { parseWorkload, sourcesInManifests } from "../../job/render/kustomize-source.ts";

describe("parseWorkload", () => {
  it.each([
    ["Deployment/api:server", "Deployment", "api", "spec.template.spec.containers.[name=server].image"],
    ["Job/a.b:c-1", "Job", "a.b", "spec.template.spec.containers.[name=c-1].image"],
    ["Pod/p:c", "Pod", "p", "spec.containers.[name=c].image"],
    ["CronJob/c:c", "CronJob", "c", "spec.jobTemplate.spec.template.spec.containers.[name=c].image"],
    [
      "Deployment/api:initContainers/m",
      "Deployment",
      "api",
      "spec.template.spec.initContainers.[name=m].image",
    ],
  ])("reads %s", (text, kind, name, fieldPath) => {
    expect(parseWorkload(text)).toEqual({ kind, name, fieldPath });
  });

  it.each([
    "",
    "api:server",
    "Deployment/api",
    "deployment/api:server",
    "Deployment/api:a/b",
    "Deployment/api:a]b",
  ])("refuses %j", (text) => {
    expect(() => parseWorkload(text)).toThrow(expect.objectContaining({ code: "Usage" }));
  });
});

describe("sourcesInManifests", () => {
  const sources = (text: string, paths: readonly string[] = []) =>
    sourcesInManifests(text, {
      source: "-",
      isRouted: (image) => image.startsWith("r/"),
      paths: paths.map(parseImagePath),
    });

  it("finds every field with a routed image, by the names of containers", () => {
    const text = `kind: CronJob
apiVersion: batch/v1
metadata: {name: nightly}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: r/a}, {name: b, image: other}, {name: c, image: r/c}]}}}}}
`;
    expect(sources(text).map(({ fieldPath }) => fieldPath)).toEqual([
      "spec.jobTemplate.spec.template.spec.containers.[name=a].image",
      "spec.jobTemplate.spec.template.spec.containers.[name=c].image",
    ]);
  });

  it("finds image volumes, and fields of custom resources", () => {
    const text = `kind: Pod
apiVersion: v1
metadata: {name: p}
spec: {volumes: [{name: data, image: {reference: r/data}}]}
---
kind: Kafka
apiVersion: kafka.example/v1
metadata: {name: k}
spec: {a.b: r/kafka, parts: [{image: r/part}]}
`;
    expect(sources(text, ['Kafka:spec["a.b"]', "Kafka:spec.parts[*].image"])).toEqual([
      { kind: "Pod", name: "p", fieldPath: "spec.volumes.[name=data].image.reference" },
      { kind: "Kafka", name: "k", fieldPath: "spec.a\\.b" },
      { kind: "Kafka", name: "k", fieldPath: "spec.parts.0.image" },
    ]);
  });

  it("adds the namespace where several objects have the same name", () => {
    const pod = (namespace: string) =>
      `kind: Pod\napiVersion: v1\nmetadata: {name: p, namespace: ${namespace}}\nspec: {containers: [{name: c, image: r/c}]}\n`;
    expect(sources(`${pod("one")}---\n${pod("two")}`).map(({ namespace }) => namespace)).toEqual([
      "one",
      "two",
    ]);
    expect(sources(pod("one"))[0]).not.toHaveProperty("namespace");
  });

  it("leaves the promotion's own Job and CronJob out", () => {
    const podSpec =
      "{containers: [{name: promoter, image: r/image-promoter, env: [{name: PROMOTER_IMAGES, value: x}]}]}";
    const text = `kind: Job
apiVersion: batch/v1
metadata: {name: j}
spec: {template: {spec: ${podSpec}}}
---
kind: CronJob
apiVersion: batch/v1
metadata: {name: c}
spec: {jobTemplate: {spec: {template: {spec: ${podSpec}}}}}
`;
    expect(sources(text)).toEqual([]);
  });
});
