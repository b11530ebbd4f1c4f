import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../job/async/clock.ts";
import { parseRegistryPrefix } from "../../job/config/route-flag.ts";
import type { KubernetesApi } from "../../job/kubernetes/api.ts";
import { silentLog } from "../../job/log.ts";
import type { Digest } from "../../job/oci/digest.ts";
import { formatReference, type Reference } from "../../job/oci/reference.ts";
import type { AdmissionOptions } from "../../job/webhook/admission.ts";
import type { Ensured, EnsureOptions } from "../../job/webhook/on-demand.ts";
import { watchWaitingPods } from "../../job/webhook/watcher.ts";
import { type FakeCluster, startCluster } from "../kubernetes/fake-cluster.ts";
import { forbidden } from "../kubernetes/fake-kubernetes.ts";

const digest: Digest = `sha256:${"0".repeat(64)}`;
const present: Ensured = { status: "present", digest };
const temporary: Ensured = {
  status: "failed",
  error: { code: "Unavailable", message: "The registry is away", temporary: true },
};

let cluster: FakeCluster;
let api: KubernetesApi;
let controller: AbortController;
let ended: Promise<void>;
/** What was asked for, and what for. */
let asked: { readonly image: string; readonly options: EnsureOptions | undefined }[];
/** Milliseconds that were waited for something else than pods to come together. */
let waits: number[];
let answer: (image: string) => Promise<Ensured> | Ensured;

beforeEach(async () => {
  cluster = await startCluster();
  api = cluster.open();
  controller = new AbortController();
  [asked, waits] = [[], []];
  answer = () => present;
});
afterEach(async () => {
  controller.abort();
  await ended;
  await api[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

/** Seconds pass in milliseconds, a minute in half a second. */
const clock: Clock = {
  ...systemClock,
  random: () => 1,
  sleep(ms, signal) {
    if (ms >= 1_000) waits.push(ms);
    return systemClock.sleep(ms >= 50_000 ? ms / 100 : ms >= 1_000 ? ms / 1_000 : ms, signal);
  },
};

function watch(
  admission: Partial<AdmissionOptions> = {},
  gatherMs = 1,
  onWatching: (waiting: () => number) => void = () => {},
) {
  const onDemand = {
    async ensure(image: Reference, options?: EnsureOptions) {
      asked.push({ image: formatReference(image), options });
      return answer(formatReference(image));
    },
  };
  ended = watchWaitingPods(
    {
      ...{ api, onDemand, instance: "promoter-1", clock, log: silentLog, gatherMs, onWatching },
      admission: {
        routes: [{ from: [parseRegistryPrefix("dev.example")], to: parseRegistryPrefix("prod.example") }],
        rules: { policy: "wait", pin: false, onFailure: "allow", annotations: "all", rules: [] },
        strict: false,
        isExcluded: (namespace) => namespace === "left-alone",
        log: silentLog,
        ...admission,
      },
    },
    controller.signal,
  );
}

interface PodOptions {
  readonly image?: string;
  readonly namespace?: string;
  readonly reason?: string;
  readonly metadata?: object;
  readonly phase?: string;
}

function put(name: string, options: PodOptions = {}): string {
  const { image = "prod.example/web:1", namespace = "shop", reason = "ImagePullBackOff" } = options;
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  const state = reason === "" ? { running: {} } : { waiting: { reason } };
  cluster.put(path, {
    metadata: { name, namespace, uid: `uid of ${name}`, ...options.metadata },
    spec: { containers: [{ name: "web", image }] },
    status: { phase: options.phase ?? "Pending", containerStatuses: [{ name: "web", state }] },
  });
  return path;
}

const images = () => asked.map(({ image }) => image);
const events = () =>
  cluster.requests
    .filter(({ method }) => method === "POST")
    .map(({ body }) => body as Record<string, unknown>);
const watching = () =>
  expect.poll(() => cluster.requests.some(({ path }) => path.includes("watch=1"))).toBe(true);

describe("watchWaitingPods", () => {
  it("sees to what a pod waits for, whatever was known of it", async () => {
    put("web-1");
    watch();
    await expect.poll(images).toEqual(["prod.example/web:1"]);
    expect(asked[0]?.options).toMatchObject({ fresh: true, origin: "Pod shop/web-1" });
    put("web-2", { image: "prod.example/other:2", reason: "ErrImagePull" });
    await expect.poll(images).toContain("prod.example/other:2");
  });

  it("knows every place in which a pod names images", async () => {
    const waiting = (name: string) => ({ name, state: { waiting: { reason: "ErrImagePull" } } });
    cluster.put("/api/v1/namespaces/shop/pods/a", {
      spec: {
        initContainers: [{ name: "init", image: "prod.example/init:1" }],
        containers: [
          { name: "one", image: "prod.example/one:1" },
          { name: "two", image: "prod.example/two:1" },
        ],
        ephemeralContainers: [{ name: "debug", image: "prod.example/debug:1" }],
        volumes: [{ name: "data", image: { reference: "prod.example/data:1" } }],
      },
      status: {
        initContainerStatuses: [waiting("init")],
        containerStatuses: [waiting("two"), { name: "one", state: { running: {} } }],
        ephemeralContainerStatuses: [waiting("debug")],
      },
    });
    watch();
    await expect
      .poll(() => images().toSorted())
      .toEqual(["data", "debug", "init", "two"].map((name) => `prod.example/${name}:1`));
  });

  it("asks once for the image of many pods", async () => {
    let done = () => {};
    answer = () => new Promise((resolve) => (done = () => resolve(present)));
    watch({}, 50);
    await watching();
    for (let pod = 0; pod < 100; pod += 1) put(`web-${pod}`);
    await expect.poll(images).toEqual(["prod.example/web:1"]);
    for (let pod = 0; pod < 100; pod += 1) put(`web-${pod}`, { reason: "ErrImagePull" });
    await systemClock.sleep(100);
    expect(asked.length).toBe(1);
    expect(asked[0]?.options?.origin).toMatch(/^Pod shop\/web-0 and \d+ more$/);
    done();
  });

  it.each<[string, PodOptions]>([
    ["an image that no route leads to", { image: "docker.io/library/nginx:1" }],
    ["an image by its source's name", { image: "dev.example/web:1" }],
    ["an image that nobody can read", { image: "prod.example/WEB:1" }],
    ["an image that was not to be pulled", { reason: "ErrImageNeverPull" }],
    ["a container that waits for something else", { reason: "CreateContainerConfigError" }],
    ["a container that runs", { reason: "" }],
    ["a pod that goes", { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }],
    ["a pod that has ended", { phase: "Failed" }],
    ["a namespace that is left alone", { namespace: "left-alone" }],
    [
      "what is to be verified only",
      { metadata: { annotations: { "image-promoter.dev/policy": "verify-only" } } },
    ],
    ["what is left alone", { metadata: { annotations: { "image-promoter.dev/policy": "off" } } }],
    [
      "an annotation that says what it may not",
      { metadata: { annotations: { "image-promoter.dev/policy": "x" } } },
    ],
  ])("leaves alone %s", async (_name, options) => {
    put("other", options);
    watch();
    await watching();
    put("web-1", { image: "prod.example/asked:1" });
    await expect.poll(images).toEqual(["prod.example/asked:1"]);
  });

  it("promotes nothing where the namespace says that it is to be verified only", async () => {
    put("web-1");
    put("web-2", { namespace: "free", image: "prod.example/free:1" });
    watch({
      async namespaceAnnotations(namespace) {
        return namespace === "shop" ? { "image-promoter.dev/policy": "verify-only" } : {};
      },
    });
    await expect.poll(images).toEqual(["prod.example/free:1"]);
  });

  it("tries again, ever more slowly, until the image is there and the pods have it", async () => {
    let answers = 0;
    answer = () => {
      answers += 1;
      return answers < 4 ? temporary : { status: "promoted", digest, report: {} as never };
    };
    const path = put("web-1");
    watch();
    await expect.poll(() => asked.length).toBe(4);
    // Of each rest the first seconds are sat out in any case.
    expect(waits.slice(0, 6)).toEqual([3_000, 2_000, 3_000, 7_000, 3_000, 17_000]);
    await expect.poll(events).toHaveLength(2);
    // Still waiting after a minute: lifecycle policies may have removed it again.
    await expect.poll(() => asked.length).toBeGreaterThan(4);
    const before = asked.length;
    cluster.remove(path);
    await systemClock.sleep(700);
    expect(asked.length).toBe(before);
  });

  it("looks at once when another pod comes, but not for each of many", async () => {
    answer = () => ({
      status: "failed",
      error: { code: "ManifestUnknown", message: "Gone", temporary: false },
    });
    put("web-1");
    watch();
    await expect.poll(() => asked.length).toBe(1);
    for (let pod = 2; pod < 50; pod += 1) put(`web-${pod}`);
    await expect.poll(() => asked.length).toBeGreaterThan(1);
    expect(waits[0]).toBe(3_000);
    await systemClock.sleep(60);
    const { length } = asked;
    expect(length).toBeLessThan(20);
    // The pods that were there already change, as pods do.
    for (let pod = 1; pod < 50; pod += 1) put(`web-${pod}`, { reason: "ErrImagePull" });
    await systemClock.sleep(60);
    expect(asked.length).toBe(length);
  });

  it("tells the pod what came of it, once for each outcome", async () => {
    let isBack = false;
    answer = () => (isBack ? { status: "promoted", digest, report: {} as never } : temporary);
    put("web-1");
    watch();
    await expect.poll(() => asked.length).toBeGreaterThan(3);
    isBack = true;
    await expect.poll(() => events().length).toBe(2);
    expect(events()).toMatchObject([
      {
        type: "Warning",
        reason: "PromotionFailed",
        note: "Cannot promote prod.example/web:1: Unavailable: The registry is away",
        regarding: { kind: "Pod", namespace: "shop", name: "web-1", uid: "uid of web-1" },
        reportingInstance: "promoter-1",
      },
      {
        type: "Normal",
        reason: "ImagesPromoted",
        note: expect.stringContaining("Promoted prod.example/web:1"),
      },
    ]);
  });

  it("tells each reason once, and does not begin anew with each", async () => {
    answer = () =>
      asked.length % 2 === 0 ? temporary : { ...temporary, error: { ...temporary.error, code: "Timeout" } };
    put("web-1");
    watch();
    await expect.poll(() => asked.length).toBeGreaterThan(4);
    expect(waits.slice(0, 6)).toEqual([3_000, 2_000, 3_000, 7_000, 3_000, 17_000]);
    expect(events().map(({ note }) => String(note).split(": ")[1])).toEqual(["Timeout", "Unavailable"]);
  });

  it("counts what pods wait for", async () => {
    let waiting = () => -1;
    watch({}, 1, (count) => {
      waiting = count;
    });
    const path = put("web-1");
    put("web-2", { image: "prod.example/other:2" });
    await expect.poll(() => asked.length).toBe(2);
    expect(waiting()).toBe(2);
    cluster.remove(path);
    put("web-2", { reason: "" });
    await expect.poll(() => waiting()).toBe(0);
  });

  it("does without Events that it may not post", async () => {
    cluster.fault = ({ method }) => (method === "POST" ? forbidden : undefined);
    answer = () => temporary;
    put("web-1");
    watch();
    await expect.poll(() => asked.length).toBeGreaterThan(2);
  });

  it("forgets pods that went while nobody watched", async () => {
    answer = () => temporary;
    const path = put("web-1");
    watch();
    await watching();
    await expect.poll(() => asked.length).toBeGreaterThan(1);
    cluster.fault = () => ({ status: 503 });
    cluster.endWatches();
    cluster.remove(path);
    cluster.compact();
    cluster.fault = undefined;
    const listed = cluster.requests.length;
    await expect
      .poll(() => cluster.requests.slice(listed).some(({ path: at }) => at.includes("limit=")))
      .toBe(true);
    await systemClock.sleep(100);
    const { length } = asked;
    await systemClock.sleep(100);
    expect(asked.length).toBe(length);
  });

  it("ends with the signal, and asks for nothing more", async () => {
    answer = () => temporary;
    put("web-1");
    watch();
    await expect.poll(() => asked.length).toBeGreaterThan(1);
    controller.abort();
    await ended;
    const { length } = asked;
    await systemClock.sleep(50);
    expect(asked.length).toBe(length);
  });
});
