import { describe, expect, it } from "vitest";
import { jsonPointer } from "../../job/webhook/json-patch.ts";
import { readWorkload } from "../../job/webhook/workload-images.ts";

const spec = {
  initContainers: [{ name: "i", image: "init:1" }],
  containers: [{ name: "a", image: "app:1" }, { name: "none" }, { name: "b", image: "side:1" }],
  ephemeralContainers: [{ name: "e", image: "debug:1" }],
  volumes: [
    { name: "v", image: { reference: "data:1" } },
    { name: "w", emptyDir: {} },
  ],
};
const metadata = { labels: { app: "web" }, annotations: { from: "template" } };
const images = ["init:1", "app:1", "side:1", "debug:1", "data:1"];

/** What stands at a JSON Pointer. */
function at(object: unknown, pointer: string): unknown {
  return pointer
    .split("/")
    .slice(1)
    .reduce<unknown>(
      (value, step) => Object(value)[step.replaceAll("~1", "/").replaceAll("~0", "~")],
      object,
    );
}

describe("a workload's images", () => {
  it.each([
    ["Pod", { metadata, spec }],
    ["PodTemplate", { template: { metadata, spec } }],
    ["ReplicationController", { spec: { template: { metadata, spec } } }],
    ["apps/Deployment", { spec: { template: { metadata, spec } } }],
    ["apps/StatefulSet", { spec: { template: { metadata, spec } } }],
    ["apps/DaemonSet", { spec: { template: { metadata, spec } } }],
    ["apps/ReplicaSet", { spec: { template: { metadata, spec } } }],
    ["batch/Job", { spec: { template: { metadata, spec } } }],
    ["batch/CronJob", { spec: { jobTemplate: { spec: { template: { metadata, spec } } } } }],
    ["argoproj.io/Rollout", { spec: { template: { metadata, spec } } }],
  ])("are found in a %s, each where a patch can reach it", (kind, object) => {
    const workload = readWorkload(kind, object);
    expect(workload?.images.map(({ image }) => image)).toEqual(images);
    expect(workload?.images.map(({ path }) => at(object, jsonPointer(path)))).toEqual(images);
    expect(workload?.labels).toEqual({ app: "web" });
  });

  it("come with the annotations of the pod before those of the object around it", () => {
    const object = {
      metadata: { annotations: { from: "object", only: "object" } },
      spec: { template: { metadata, spec } },
    };
    expect(readWorkload("apps/Deployment", object)?.annotations).toEqual({
      from: "template",
      only: "object",
    });
  });

  it("are nobody's business in other kinds", () => {
    expect(readWorkload("ConfigMap", { data: {} })).toBeUndefined();
    expect(readWorkload("example.com/Deployment", { spec: { template: { spec } } })).toBeUndefined();
    expect(readWorkload("constructor", { spec })).toBeUndefined();
  });

  it.each([
    undefined,
    null,
    7,
    "text",
    [],
    { spec: null },
    { spec: { containers: {} } },
    { spec: { containers: [null, 3, { image: {} }] } },
    { metadata: { labels: ["a"], annotations: 3 }, spec: { volumes: [{ image: "x" }] } },
  ])("are none where the object is %j", (object) => {
    expect(readWorkload("Pod", object)?.images).toEqual([]);
  });
});
