import { describe, expect, it } from "vitest";
import { imagesInManifests } from "../../job/images/kubernetes-manifests.ts";
import { formatReference } from "../../job/oci/reference.ts";

function found(text: string): string[] {
  return imagesInManifests(text, "release.yaml").map(
    ({ reference, origin }) => `${origin.object} ${origin.field} ${formatReference(reference)}`,
  );
}

const podTemplate = (image: string) => ({ spec: { containers: [{ name: "a", image }] } });

/** What each kind that holds pods keeps, and where. */
const kinds: readonly [kind: string, apiVersion: string, body: object, images: readonly string[]][] = [
  ["Pod", "v1", podTemplate("a.b/x:1"), ["spec.containers[0].image a.b/x:1"]],
  ...["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"].map(
    (kind): [string, string, object, string[]] => [
      kind,
      "apps/v1",
      { spec: { template: podTemplate("a.b/x:1") } },
      ["spec.template.spec.containers[0].image a.b/x:1"],
    ],
  ),
  [
    "ReplicationController",
    "v1",
    { spec: { template: podTemplate("a.b/x:1") } },
    ["spec.template.spec.containers[0].image a.b/x:1"],
  ],
  [
    "Job",
    "batch/v1",
    { spec: { template: podTemplate("a.b/x:1") } },
    ["spec.template.spec.containers[0].image a.b/x:1"],
  ],
  [
    "CronJob",
    "batch/v1",
    { spec: { jobTemplate: { spec: { template: podTemplate("a.b/x:1") } } } },
    ["spec.jobTemplate.spec.template.spec.containers[0].image a.b/x:1"],
  ],
  ["PodTemplate", "v1", { template: podTemplate("a.b/x:1") }, ["template.spec.containers[0].image a.b/x:1"]],
  [
    "Rollout",
    "argoproj.io/v1alpha1",
    { spec: { strategy: { canary: {} }, template: podTemplate("a.b/x:1") } },
    ["spec.template.spec.containers[0].image a.b/x:1"],
  ],
  [
    "Workflow",
    "argoproj.io/v1alpha1",
    {
      spec: {
        templates: [
          { name: "c", container: { image: "a.b/container:1" }, initContainers: [{ image: "a.b/init:1" }] },
          { name: "s", script: { image: "a.b/script:1", source: "image: a.b/not:1" } },
          { name: "set", containerSet: { containers: [{ image: "a.b/set:1" }] } },
          { name: "side", container: { image: "a.b/main:1" }, sidecars: [{ image: "a.b/sidecar:1" }] },
        ],
      },
    },
    [
      "spec.templates[0].container.image a.b/container:1",
      "spec.templates[0].initContainers[0].image a.b/init:1",
      "spec.templates[1].script.image a.b/script:1",
      "spec.templates[2].containerSet.containers[0].image a.b/set:1",
      "spec.templates[3].container.image a.b/main:1",
      "spec.templates[3].sidecars[0].image a.b/sidecar:1",
    ],
  ],
  [
    "CronWorkflow",
    "argoproj.io/v1alpha1",
    { spec: { workflowSpec: { templates: [{ container: { image: "a.b/x:1" } }] } } },
    ["spec.workflowSpec.templates[0].container.image a.b/x:1"],
  ],
  [
    "AnalysisTemplate",
    "argoproj.io/v1alpha1",
    { spec: { metrics: [{ provider: { job: { spec: { template: podTemplate("a.b/x:1") } } } }] } },
    ["spec.metrics[0].provider.job.spec.template.spec.containers[0].image a.b/x:1"],
  ],
  [
    "Service",
    "serving.knative.dev/v1",
    { spec: { template: podTemplate("a.b/x:1") } },
    ["spec.template.spec.containers[0].image a.b/x:1"],
  ],
  [
    "Anything",
    "example.com/v1",
    { deeply: { hidden: [{ pod: podTemplate("a.b/x:1") }] } },
    ["deeply.hidden[0].pod.spec.containers[0].image a.b/x:1"],
  ],
  [
    "Prometheus",
    "monitoring.coreos.com/v1",
    { spec: { image: "a.b/not:1", containers: [{ name: "p" }], initContainers: [{ image: "a.b/init:1" }] } },
    ["spec.initContainers[0].image a.b/init:1"],
  ],
];

describe("every kind that holds pods", () => {
  it.each(kinds)("%s", (kind, apiVersion, body, images) => {
    const object = { apiVersion, kind, metadata: { name: "web", namespace: "prod" }, ...body };
    expect(found(JSON.stringify(object, null, 2))).toEqual(
      images.map((image) => `${kind} prod/web ${image}`),
    );
  });
});

describe("every place in a pod", () => {
  it("containers of all sorts and image volumes, in the order in which they are written", () => {
    const pod = `
apiVersion: v1
kind: Pod
metadata: {generateName: web-}
spec:
  volumes:
    - name: model
      image: {reference: a.b/volume:1, pullPolicy: IfNotPresent}
    - name: disk
      emptyDir: {}
  ephemeralContainers: [{name: d, image: a.b/debug:1}]
  containers:
    - {name: a, image: a.b/one:1}
    - {name: b}
    - {name: c, image: a.b/two:1}
  initContainers:
    - {name: i, image: a.b/init:1, restartPolicy: Always}
`;
    expect(found(pod)).toEqual([
      "Pod web-* spec.volumes[0].image.reference a.b/volume:1",
      "Pod web-* spec.ephemeralContainers[0].image a.b/debug:1",
      "Pod web-* spec.containers[0].image a.b/one:1",
      "Pod web-* spec.containers[2].image a.b/two:1",
      "Pod web-* spec.initContainers[0].image a.b/init:1",
    ]);
  });
});

describe("lists", () => {
  const pod = (name: string) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    ...podTemplate(`a.b/${name}:1`),
  });
  const list = (...items: object[]) => ({ apiVersion: "v1", kind: "List", items });

  it("nested ones too, each object by its own name", () => {
    expect(found(JSON.stringify(list(pod("x"), list(pod("y")))))).toEqual([
      "Pod x spec.containers[0].image a.b/x:1",
      "Pod y spec.containers[0].image a.b/y:1",
    ]);
  });

  it("what an API server lists, whose items do not name their kind", () => {
    const items = [{ metadata: { name: "x" }, ...podTemplate("a.b/x:1") }];
    expect(found(JSON.stringify({ apiVersion: "v1", kind: "PodList", items }))).toEqual([
      "PodList items[0].spec.containers[0].image a.b/x:1",
    ]);
  });

  it("an object inside a trigger of Argo Events", () => {
    const resource = {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Workflow",
      metadata: { generateName: "run-" },
      spec: { templates: [{ container: { image: "a.b/x:1" } }] },
    };
    const triggers = [{ template: { k8s: { source: { resource } } } }];
    expect(
      found(JSON.stringify({ apiVersion: "argoproj.io/v1alpha1", kind: "Sensor", spec: { triggers } })),
    ).toEqual(["Workflow run-* spec.templates[0].container.image a.b/x:1"]);
  });
});

describe("what only looks like an image", () => {
  const containers = [{ name: "a", image: "a.b/not:1" }];

  it.each([
    [
      "data of a ConfigMap",
      { apiVersion: "v1", kind: "ConfigMap", data: { image: "a.b/not:1" }, containers },
    ],
    [
      "data of a Secret",
      { apiVersion: "v1", kind: "Secret", stringData: { image: "a.b/not:1" }, containers },
    ],
    [
      "labels and annotations",
      { apiVersion: "v1", kind: "Pod", metadata: { annotations: { image: "a.b/not:1" }, containers } },
    ],
    ["what a controller saw", { apiVersion: "v1", kind: "Pod", status: { containers } }],
    [
      "the schema of a custom resource",
      { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", spec: { containers } },
    ],
    [
      "the pattern of a policy",
      { apiVersion: "kyverno.io/v1", kind: "ClusterPolicy", spec: { containers: [{ image: "!*:latest" }] } },
    ],
    [
      "the values of an Application",
      { apiVersion: "argoproj.io/v1alpha1", kind: "Application", spec: { valuesObject: { containers } } },
    ],
    [
      "an environment variable",
      { apiVersion: "v1", kind: "Pod", spec: { env: [{ name: "IMAGE", value: "a.b/x" }] } },
    ],
    [
      "settings of another form",
      { apiVersion: "e.f/v1", kind: "X", containers: [{ image: { repository: "x" } }] },
    ],
  ])("%s", (_name, object) => expect(found(JSON.stringify(object))).toEqual([]));
});

describe("expressions of Argo", () => {
  it("are left out, and told", () => {
    const text = `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: {name: build}
spec:
  templates:
    - container: {image: "{{inputs.parameters.image}}"}
    - container: {image: "a.b/x:1"}
`;
    const told: unknown[] = [];
    const requests = imagesInManifests(text, "release.yaml", {
      onExpression: (expression, { line, object }) => told.push([expression, line, object]),
    });
    expect(requests).toHaveLength(1);
    expect(told).toEqual([["{{inputs.parameters.image}}", 6, "WorkflowTemplate build"]]);
  });
});
