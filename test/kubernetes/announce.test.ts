import { networkInterfaces } from "node:os";
import { describe, expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import { announceError, announcePromotion } from "../../job/kubernetes/announce.ts";
import type { PromotionReport } from "../../job/promotion/report.ts";
import { terminationMessage } from "../../job/report/termination-message.ts";
import { copied, failed, report, upToDate } from "../report/example-report.ts";
import {
  type Answer,
  type FakeKubernetes,
  forbidden,
  type SeenRequest,
  serviceAccount,
  startKubernetes,
} from "./fake-kubernetes.ts";

const jobPath = "/apis/batch/v1/namespaces/shop/jobs/promote";
const podPath = "/api/v1/namespaces/shop/pods/promote-x7k2p";
const eventsPath = "/apis/events.k8s.io/v1/namespaces/shop/events";
const pod = { apiVersion: "v1", kind: "Pod", namespace: "shop", name: "promote-x7k2p" };
const job = { apiVersion: "batch/v1", kind: "Job", namespace: "shop", name: "promote" };
const promoted = report([copied]);
const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === "::1"),
);

type Told = { level: string; fields: Record<string, unknown>; message: string };

/** Runs an announcement in a pod of its own, and gives back all that it did. */
async function announceTo(
  server: FakeKubernetes | undefined,
  options: {
    env?: Record<string, string>;
    report?: PromotionReport;
    token?: boolean;
    writeFile?: () => Promise<void>;
  } = {},
) {
  const written: Record<string, string> = {};
  const log: Told[] = [];
  const at = (level: string) => (fields: object, message: string) =>
    void log.push({ level, fields: { ...fields }, message });
  await announcePromotion({
    report: options.report ?? promoted,
    env: {
      ...(server && { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(server.port) }),
      HOSTNAME: "promote-x7k2p",
      ...options.env,
    },
    readFile:
      options.token === false
        ? async () => Promise.reject(new Error("ENOENT"))
        : serviceAccount(server?.certificate ?? ""),
    writeFile:
      options.writeFile ??
      (async (path, text) => {
        written[path] = text;
      }),
    log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") },
  });
  return { written, warnings: log.filter(({ level }) => level === "warn"), posted: postedBy(server) };
}

function postedBy(server: FakeKubernetes | undefined) {
  return (server?.requests ?? []).filter(({ method }) => method === "POST");
}

/** A server on which the given objects can be read and Events be created. */
function cluster(objects: Record<string, Answer> = {}) {
  return startKubernetes((request: SeenRequest) =>
    request.method === "POST" && request.path === eventsPath
      ? { status: 201 }
      : (objects[request.path] ?? forbidden),
  );
}

describe("announcePromotion", () => {
  it("writes the termination message and posts one Event on the Job", async () => {
    await using server = await cluster();
    const { written, warnings, posted } = await announceTo(server, {
      env: { JOB_NAME: "promote", JOB_UID: "u-1" },
    });
    expect(written).toEqual({ "/dev/termination-log": terminationMessage(promoted) });
    expect(warnings).toEqual([]);
    expect(server.requests).toHaveLength(1);
    expect(posted).toMatchObject([
      {
        path: eventsPath,
        token: "Bearer token-1",
        body: {
          reason: "ImagesPromoted",
          regarding: { ...job, uid: "u-1" },
          reportingInstance: "promote-x7k2p",
        },
      },
    ]);
  });

  it.each<[string, Record<string, string>, Record<string, Answer>, object]>([
    [
      "the Job of JOB_NAME, asked for its uid",
      { JOB_NAME: "promote" },
      { [jobPath]: { status: 200, body: { metadata: { uid: "u-2" } } } },
      { ...job, uid: "u-2" },
    ],
    ["the Job of JOB_NAME, where nothing may be read", { JOB_NAME: "promote" }, {}, job],
    [
      "the Job that owns the pod",
      {},
      {
        [podPath]: {
          status: 200,
          body: { metadata: { uid: "p-1", ownerReferences: [{ kind: "Job", name: "promote", uid: "u-3" }] } },
        },
      },
      { ...job, uid: "u-3" },
    ],
    [
      "the Job of the pod's labels",
      {},
      {
        [podPath]: {
          status: 200,
          body: {
            metadata: {
              labels: {
                "batch.kubernetes.io/job-name": "promote",
                "batch.kubernetes.io/controller-uid": "u-4",
              },
            },
          },
        },
      },
      { ...job, uid: "u-4" },
    ],
    [
      "the pod, where JOB_NAME is no Job of the cluster",
      { JOB_NAME: "promote" },
      { [jobPath]: { status: 404 }, [podPath]: { status: 200, body: { metadata: { uid: "p-1" } } } },
      { ...pod, uid: "p-1" },
    ],
    ["the pod, where JOB_NAME is a CI system's", { JOB_NAME: "Folder/Build" }, {}, pod],
    ["the pod, where nothing may be read", { POD_UID: "p-2" }, {}, { ...pod, uid: "p-2" }],
  ])("regards %s", async (_what, env, objects, regarding) => {
    await using server = await cluster(objects);
    const { posted, warnings } = await announceTo(server, { env });
    expect(posted.map(({ body }) => (body as { regarding: object }).regarding)).toEqual([regarding]);
    expect(warnings).toEqual([]);
  });

  it.skipIf(!hasIpv6)("reaches an API server with an IPv6 address", async () => {
    await using server = await startKubernetes(() => ({ status: 201 }), "::1");
    const env = { KUBERNETES_SERVICE_HOST: "::1", JOB_NAME: "promote", JOB_UID: "u-1" };
    const { posted, warnings } = await announceTo(server, { env });
    expect(warnings).toEqual([]);
    expect(posted).toHaveLength(1);
  });

  it("is silent when nothing changed, but for the termination message", async () => {
    await using server = await cluster();
    const unchanged = report([upToDate]);
    const { written } = await announceTo(server, { report: unchanged });
    expect(written).toEqual({ "/dev/termination-log": terminationMessage(unchanged) });
    expect(server.requests).toEqual([]);
  });

  it("does nothing outside a pod", async () => {
    expect(await announceTo(undefined)).toEqual({ written: {}, warnings: [], posted: [] });
  });

  it("writes where it is told to, also outside a pod", async () => {
    const { written } = await announceTo(undefined, { env: { TERMINATION_MESSAGE_PATH: "/tmp/message" } });
    expect(Object.keys(written)).toEqual(["/tmp/message"]);
  });

  it("warns what to grant when it may not post, and goes on", async () => {
    await using server = await startKubernetes(() => forbidden);
    const { written, warnings } = await announceTo(server, { report: report([failed]) });
    expect(Object.keys(written)).toEqual(["/dev/termination-log"]);
    expect(warnings).toEqual([
      {
        level: "warn",
        fields: {
          code: "Denied",
          request: `POST https://127.0.0.1:${server.port}${eventsPath}`,
          hint: `Grant the Job's service account the verb "create" on "events" of the API group "events.k8s.io": kubectl create role image-promoter-events --namespace shop --verb=create --resource=events.events.k8s.io, and bind the role to it`,
        },
        message: expect.stringContaining(
          "Cannot post an Event: The Kubernetes API answered 403: events is forbidden",
        ),
      },
    ]);
  });

  it("warns when the message cannot be written, and posts the Event all the same", async () => {
    await using server = await cluster();
    const { warnings, posted } = await announceTo(server, {
      env: { JOB_NAME: "promote", JOB_UID: "u-1" },
      writeFile: () => Promise.reject(new Error("EACCES: permission denied")),
    });
    expect(posted).toHaveLength(1);
    expect(warnings).toMatchObject([
      {
        fields: { path: "/dev/termination-log", hint: expect.stringContaining("TERMINATION_MESSAGE_PATH") },
        message: "Cannot write the termination message: EACCES: permission denied",
      },
    ]);
  });

  it("warns when the API server is gone", async () => {
    const server = await cluster();
    await server[Symbol.asyncDispose]();
    const { warnings } = await announceTo(server);
    expect(warnings).toMatchObject([
      { fields: { code: "Network", hint: expect.stringContaining("egress") } },
    ]);
  });

  it("says nothing where no token is mounted", async () => {
    await using server = await cluster();
    const { warnings, posted, written } = await announceTo(server, { token: false });
    expect({ warnings, posted }).toEqual({ warnings: [], posted: [] });
    expect(Object.keys(written)).toEqual(["/dev/termination-log"]);
  });

  it("writes the message even when the run was stopped, and posts nothing then", async () => {
    await using server = await cluster();
    const written: string[] = [];
    const warnings: string[] = [];
    await announcePromotion({
      report: promoted,
      env: { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(server.port) },
      readFile: serviceAccount(server.certificate),
      writeFile: async (path) => void written.push(path),
      log: { debug() {}, info() {}, warn: (_fields, message) => void warnings.push(message), error() {} },
      signal: AbortSignal.abort(),
    });
    expect(written).toEqual(["/dev/termination-log"]);
    expect(warnings).toEqual(["Cannot post an Event: Stopped before it was done"]);
    expect(server.requests).toEqual([]);
  });
});

describe("announceError", () => {
  it("tells why there is no report", async () => {
    await using server = await cluster();
    const written: Record<string, string> = {};
    await announceError({
      error: new PromoterError("Usage", "No route is given", { hint: "Give --from and --to" }),
      at: Date.UTC(2026, 0, 1),
      env: {
        KUBERNETES_SERVICE_HOST: "127.0.0.1",
        KUBERNETES_SERVICE_PORT: String(server.port),
        JOB_NAME: "promote",
        JOB_UID: "u-1",
      },
      readFile: serviceAccount(server.certificate),
      writeFile: async (path, text) => {
        written[path] = text;
      },
      log: { debug() {}, info() {}, warn() {}, error() {} },
    });
    expect(written).toEqual({
      "/dev/termination-log": "FAILED Usage: No route is given\n  Give --from and --to\n",
    });
    expect(postedBy(server)).toMatchObject([
      { body: { reason: "PromotionFailed", note: "Usage: No route is given" } },
    ]);
  });
});
