import { afterEach, describe, expect, it } from "vitest";
import { usedImages } from "../../job/kubernetes/used-images.ts";
import {
  type Answer,
  type FakeKubernetes,
  forbidden,
  serviceAccount,
  startKubernetes,
} from "./fake-kubernetes.ts";

const signal = new AbortController().signal;
let server: FakeKubernetes;
afterEach(() => server[Symbol.asyncDispose]());

function list(items: readonly object[], next = ""): Answer {
  return { status: 200, body: { metadata: { continue: next }, items } };
}

function workload(name: string, image: string): object {
  const containers = [{ name: "web", image }];
  return { metadata: { namespace: "shop", name }, spec: { template: { spec: { containers } } } };
}

const pod = {
  metadata: { namespace: "shop", name: "web-1" },
  spec: {
    initContainers: [{ image: "registry.example/init:1" }],
    containers: [{ image: "registry.example/web:2" }],
    volumes: [{ image: { reference: "registry.example/data:3" } }],
  },
  status: {
    containerStatuses: [
      { image: "registry.example/web:2", imageID: "docker-pullable://registry.example/web@sha256:00" },
    ],
  },
};

/** A cluster with something of each kind; its Deployments come in two pages. */
function cluster(path: string): Answer {
  const { pathname, searchParams } = new URL(path, "https://cluster");
  if (pathname === "/api/v1/pods") return list([pod]);
  if (pathname !== "/apis/apps/v1/deployments")
    return list([workload(pathname.split("/").at(-1) ?? "", "a:1")]);
  return searchParams.get("continue") === "next"
    ? list([workload("two", "registry.example/two:1")])
    : list([workload("one", "registry.example/one:1")], "next");
}

async function inPod(answer: (path: string) => Answer) {
  server = await startKubernetes(({ path }) => answer(path));
  const env = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(server.port) };
  return usedImages({ env, readFile: serviceAccount(server.certificate), run: neverRun }, signal);
}

async function neverRun(): Promise<never> {
  throw new Error("nothing is to be run");
}

describe("what a cluster uses", () => {
  it("is what pods run, and what workloads of every kind would run", async () => {
    const found = (await inPod(cluster)) ?? [];
    expect(
      found
        .filter(({ user }) => user === "Pod shop/web-1")
        .map(({ image }) => image)
        .sort(),
    ).toEqual([
      "registry.example/data:3",
      "registry.example/init:1",
      "registry.example/web:2",
      "registry.example/web:2",
      "registry.example/web@sha256:00",
    ]);
    expect(found).toContainEqual({ image: "registry.example/one:1", user: "Deployment shop/one" });
    expect(found).toContainEqual({ image: "registry.example/two:1", user: "Deployment shop/two" });
    for (const kind of ["ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob", "ControllerRevision"]) {
      expect(found.some(({ user }) => user.startsWith(`${kind} `))).toBe(true);
    }
  });

  it("is also what Jobs promote, before anything runs it", async () => {
    const env = [
      { name: "PROMOTER_TO", value: "registry.example/none:1" },
      { name: "PROMOTER_IMAGES", value: "registry.example/next:2,\n registry.example/other:3\n" },
    ];
    const job = {
      metadata: { namespace: "shop", name: "promote" },
      spec: { template: { spec: { containers: [{ name: "promoter", image: "promoter:1", env }] } } },
    };
    const found =
      (await inPod((path) => (path.startsWith("/apis/batch/v1/cronjobs") ? list([job]) : cluster(path)))) ??
      [];
    expect(
      found
        .filter(({ user }) => user === "CronJob shop/promote")
        .map(({ image }) => image)
        .sort(),
    ).toEqual(["promoter:1", "registry.example/next:2", "registry.example/other:3"]);
  });

  it.each<[string, (path: string) => Answer, string]>([
    ["one kind is forbidden", (path) => (path.includes("cronjobs") ? forbidden : cluster(path)), "Denied"],
    [
      "a kind is not there",
      (path) => (path.includes("jobs") ? { status: 404 } : cluster(path)),
      "InvalidResponse",
    ],
    [
      "a later page has expired",
      (path) => (path.includes("next") ? { status: 410 } : cluster(path)),
      "InvalidResponse",
    ],
    ["it has no time", () => ({ status: 503 }), "Unavailable"],
    ["it answers with something else", () => ({ status: 200, body: { items: "none" } }), "InvalidResponse"],
  ])("is not known in part where %s", async (_what, answer, code) => {
    await expect(inPod(answer)).rejects.toMatchObject({ code });
  });

  it("is known by a kubeconfig's token, client certificate or program", async () => {
    server = await startKubernetes(({ path }) => cluster(path));
    const authority = Buffer.from(server.certificate).toString("base64");
    const config = (user: object) =>
      JSON.stringify({
        "current-context": "prod",
        contexts: [{ name: "prod", context: { cluster: "c", user: "u" } }],
        clusters: [
          {
            name: "c",
            cluster: { server: `https://127.0.0.1:${server.port}`, "certificate-authority-data": authority },
          },
        ],
        users: [{ name: "u", user }],
      });
    const exec = {
      command: "aws",
      args: ["eks", "get-token"],
      env: [{ name: "AWS_PROFILE", value: "prod" }],
    };
    const ran: string[] = [];
    const ask = (user: object) =>
      usedImages(
        {
          env: { KUBECONFIG: "/home/me/config" },
          readFile: async (path) => (path === "/home/me/token" ? "from-file\n" : config(user)),
          async run(program, args) {
            ran.push([program, ...args].join(" "));
            return { exitCode: 0, stdout: JSON.stringify({ status: { token: "from-program" } }), stderr: "" };
          },
        },
        signal,
      );
    for (const user of [{ token: "written" }, { tokenFile: "token" }, { exec }, {}]) {
      expect((await ask(user))?.length).toBeGreaterThan(0);
    }
    expect(new Set(server.requests.map(({ token }) => token))).toEqual(
      new Set(["Bearer written", "Bearer from-file", "Bearer from-program", undefined]),
    );
    expect(ran).toEqual(["env AWS_PROFILE=prod aws eks get-token"]);
  });

  it.each([
    ["no file", undefined],
    ["no YAML", "{"],
    ["no context", "contexts: []"],
  ])("is not known by a kubeconfig with %s", async (_what, text) => {
    server = await startKubernetes(() => undefined);
    const readFile = async () => {
      if (text === undefined) throw new Error("ENOENT");
      return text;
    };
    const asked = usedImages({ env: { KUBECONFIG: "config" }, readFile, run: neverRun }, signal);
    await expect(asked).rejects.toMatchObject({ code: "InvalidConfiguration" });
  });

  it("is nothing where there is no cluster", async () => {
    server = await startKubernetes(() => undefined);
    const readFile = serviceAccount(server.certificate);
    expect(await usedImages({ env: {}, readFile, run: neverRun }, signal)).toBeUndefined();
  });
});
