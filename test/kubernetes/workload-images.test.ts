import { describe, expect, it } from "vitest";
import { workloadImages } from "../../job/kubernetes/workload-images.ts";

const digest = `sha256:${"a".repeat(64)}`;

/** An API that has these collections, each in pages of one. */
function api(collections: Readonly<Record<string, readonly object[]>>) {
  const asked: string[] = [];
  return {
    asked,
    async get(path: string) {
      asked.push(path);
      const { pathname, searchParams } = new URL(path, "https://cluster");
      const at = Number(searchParams.get("continue") ?? 0);
      const items = collections[pathname] ?? [];
      const next = at + 1 < items.length ? String(at + 1) : "";
      return { metadata: { continue: next }, items: items.slice(at, at + 1) };
    },
  };
}

const containers = (image: string) => [{ name: "app", image }];
const template = (image: string) => ({ template: { spec: { containers: containers(image) } } });
const workload = (name: string, spec: object) => ({ metadata: { namespace: "shop", name }, spec });
const owned = (kind: string, name: string, labels: object = {}) => ({
  metadata: { namespace: "shop", name: "x-1", labels, ownerReferences: [{ kind, name, controller: true }] },
  spec: { containers: containers("prod.example/app:1") },
});

async function used(collections: Readonly<Record<string, readonly object[]>>) {
  const found = await workloadImages(api(collections));
  return found.map(({ workload: by, reference: { repository, tag } }) => `${by}: ${repository}:${tag}`);
}

describe("what a cluster runs", () => {
  it("is what is deployed, page by page", async () => {
    expect(
      await used({
        "/apis/apps/v1/deployments": [
          workload("a", template("prod.example/a:1")),
          workload("b", template("prod.example/b:1")),
        ],
        "/apis/apps/v1/statefulsets": [workload("c", template("prod.example/c:1"))],
        "/apis/apps/v1/daemonsets": [workload("d", template("prod.example/d:1"))],
        "/apis/batch/v1/cronjobs": [workload("e", { jobTemplate: { spec: template("prod.example/e:1") } })],
      }),
    ).toEqual([
      "Deployment shop/a: a:1",
      "Deployment shop/b: b:1",
      "StatefulSet shop/c: c:1",
      "DaemonSet shop/d: d:1",
      "CronJob shop/e: e:1",
    ]);
  });

  it.each([
    ["Deployment shop/web", owned("ReplicaSet", "web-5d4f", { "pod-template-hash": "5d4f" })],
    ["Rollout shop/web", owned("ReplicaSet", "web-5d4f", { "rollouts-pod-template-hash": "5d4f" })],
    ["ReplicaSet shop/alone", owned("ReplicaSet", "alone")],
    ["ReplicaSet shop/web-77", owned("ReplicaSet", "web-77", { "pod-template-hash": "5d4f" })],
    ["Job shop/migrate", owned("Job", "migrate")],
    ["Pod shop/bare", workload("bare", { containers: containers("prod.example/app:1") })],
  ])("names a pod by whoever controls it: %s", async (name, pod) => {
    expect(await used({ "/api/v1/pods": [pod] })).toEqual([`${name}: app:1`]);
  });

  it("tells what nodes have pulled and what they cannot, of every kind of container and volume", async () => {
    const pod = workload("p", {
      initContainers: [{ name: "init", image: "prod.example/init:1" }],
      containers: [
        { name: "app", image: "prod.example/app:1" },
        { name: "odd", image: "!" },
      ],
      ephemeralContainers: [{ name: "debug", image: "prod.example/debug:1" }],
      volumes: [{ name: "data", image: { reference: "prod.example/data:1" } }, { name: "none" }],
    });
    const status = {
      initContainerStatuses: [{ name: "init", imageID: `docker-pullable://prod.example/init@${digest}` }],
      containerStatuses: [{ name: "app", imageID: "", state: { waiting: { reason: "ErrImagePull" } } }],
      ephemeralContainerStatuses: [{ name: "debug", state: { waiting: { reason: "PodInitializing" } } }],
    };
    const found = await workloadImages(api({ "/api/v1/pods": [{ ...pod, status }] }));
    expect(
      found.map(({ reference, digest: pulled, problem }) => [reference.repository, pulled, problem]),
    ).toEqual([
      ["init", digest, undefined],
      ["app", undefined, "ErrImagePull"],
      ["debug", undefined, undefined],
      ["data", undefined, undefined],
    ]);
  });

  it("leaves out what has come to its end, at the server", async () => {
    const { asked, get } = api({});
    await workloadImages({ get });
    const pods = asked.find((path) => path.startsWith("/api/v1/pods"));
    expect(new URL(pods ?? "", "https://cluster").searchParams.get("fieldSelector")).toBe(
      "status.phase!=Succeeded,status.phase!=Failed",
    );
  });
});
