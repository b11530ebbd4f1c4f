import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { connect } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../../job/async/clock.ts";
import type { KubernetesApi } from "../../../job/kubernetes/api.ts";
import { isRecord, recordsOf } from "../../../job/kubernetes/object.ts";
import { type Log, silentLog } from "../../../job/log.ts";
import { flawOf } from "../../../job/webhook/certificates/check-certificate.ts";
import { maintainCertificates } from "../../../job/webhook/certificates/maintain-certificates.ts";
import { issueCertificate } from "../../../job/webhook/certificates/make-certificate.ts";
import { certificatesOfSecret } from "../../../job/webhook/certificates/served-certificates.ts";
import { readTlsSecret } from "../../../job/webhook/certificates/tls-secret.ts";
import { type FakeCluster, startCluster } from "../../kubernetes/fake-cluster.ts";
import { forbidden } from "../../kubernetes/fake-kubernetes.ts";

const service = "image-promoter.promotion.svc";
const secretPath = "/api/v1/namespaces/promotion/secrets/tls";
const mutating = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/promoter";
const validating = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/promoter";
const hour = 3_600_000;

let cluster: FakeCluster;
let api: KubernetesApi;
let controller: AbortController;
const running: Promise<unknown>[] = [];
beforeEach(async () => {
  cluster = await startCluster();
  api = cluster.open();
  controller = new AbortController();
  for (const path of [mutating, validating]) cluster.put(path, configuration());
});
afterEach(async () => {
  controller.abort();
  await Promise.all(running.splice(0));
  await api[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

function configuration() {
  const names = ["pods.image-promoter.dev", "workloads.image-promoter.dev"];
  return { webhooks: names.map((name) => ({ name, clientConfig: { service: { name: "image-promoter" } } })) };
}

function maintain(
  options: {
    names?: readonly string[];
    clock?: Clock;
    log?: Log;
    lifetimeMs?: number;
    settleMs?: number;
  } = {},
) {
  running.push(
    maintainCertificates(
      {
        ...{ api, namespace: "promotion", secret: "tls", names: [service], lifetimeMs: 24 * hour },
        configurations: [
          { kind: "MutatingWebhookConfiguration", name: "promoter" },
          { kind: "ValidatingWebhookConfiguration", name: "promoter" },
        ],
        ...{ clock: systemClock, log: silentLog, ...options },
      },
      controller.signal,
    ),
  );
}

const secret = () => readTlsSecret(cluster.get(secretPath));

/** Whom the API server trusts for each webhook; each text once. */
function trusted(path: string): readonly string[] {
  const bundles = recordsOf(cluster.get(path)?.webhooks).map(({ clientConfig }) =>
    isRecord(clientConfig) && typeof clientConfig.caBundle === "string"
      ? Buffer.from(clientConfig.caBundle, "base64").toString()
      : "",
  );
  return [...new Set(bundles)];
}

describe("maintainCertificates", () => {
  it("makes a certificate, and has the API server trust it for every webhook", async () => {
    maintain();
    await expect.poll(() => trusted(validating).join("")).toContain("BEGIN CERTIFICATE");
    await expect.poll(() => trusted(mutating).join("")).toContain("BEGIN CERTIFICATE");
    const { current, authorities } = secret();
    expect(current && flawOf(current, { names: [service], now: Date.now() })).toBeUndefined();
    expect(cluster.get(secretPath)).toMatchObject({ type: "kubernetes.io/tls" });
    expect(trusted(mutating)).toEqual([authorities]);
    expect(trusted(validating)).toEqual([authorities]);
    // Nothing else of the configuration was touched.
    expect(recordsOf(cluster.get(mutating)?.webhooks)[1]?.clientConfig).toMatchObject({
      service: { name: "image-promoter" },
    });
  });

  it("leaves a good certificate alone, and what else the Secret holds", async () => {
    const issued = await issueCertificate({
      ...{ names: [service], notBefore: Date.now() - hour, notAfter: Date.now() + 24 * hour },
    });
    const data = {
      "tls.crt": Buffer.from(issued.certificate).toString("base64"),
      "tls.key": Buffer.from(issued.key).toString("base64"),
      "ca.crt": Buffer.from(issued.authority).toString("base64"),
      note: "aGVsbG8=",
    };
    cluster.put(secretPath, { data });
    maintain();
    await expect.poll(() => trusted(validating)).toEqual([issued.authority]);
    expect(cluster.get(secretPath)?.data).toEqual(data);
  });

  it.each([
    ["is for another server", async () => issued(["other.svc"])],
    ["has ended", async () => issued([service], -1)],
    ["is vouched for by nobody that it knows", async () => ({ ...(await issued([service])), authority: "" })],
    ["has another's key", async () => ({ ...(await issued([service])), key: (await issued([service])).key })],
  ])("replaces a certificate that %s", async (_name, given) => {
    const { certificate, key, authority } = await given();
    const data = { "tls.crt": certificate, "tls.key": key, "ca.crt": authority };
    const encoded = Object.entries(data).map(([name, text]) => [name, Buffer.from(text).toString("base64")]);
    cluster.put(secretPath, { data: Object.fromEntries(encoded) });
    maintain();
    await expect.poll(() => secret().current?.certificate).not.toBe(certificate);
    const { current } = secret();
    expect(current && flawOf(current, { names: [service], now: Date.now() })).toBeUndefined();
    await expect.poll(() => trusted(mutating)).toEqual([secret().authorities]);
  });

  it("mends at once what somebody else takes away", async () => {
    maintain();
    await expect.poll(() => trusted(mutating).join("")).toContain("BEGIN CERTIFICATE");
    await expect.poll(() => cluster.requests.filter(({ path }) => path.includes("watch=1")).length).toBe(3);
    // As whoever applies the manifests again.
    cluster.put(mutating, configuration());
    await expect.poll(() => trusted(mutating)).toEqual([secret().authorities]);
    const before = secret().current?.certificate;
    cluster.remove(secretPath);
    await expect.poll(() => secret().current?.certificate).toBeDefined();
    expect(secret().current?.certificate).not.toBe(before);
    await expect.poll(() => trusted(validating)).toEqual([secret().authorities]);
  });

  it("waits for what it may not do, and says what to grant", async () => {
    const warnings: object[] = [];
    cluster.fault = ({ method }) => (method === "PATCH" ? forbidden : undefined);
    maintain({
      clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal) },
      log: { ...silentLog, warn: (fields) => warnings.push(fields) },
    });
    await expect.poll(() => warnings.length).toBeGreaterThan(0);
    expect(warnings[0]).toMatchObject({ code: "Denied", hint: expect.stringContaining("patch") });
    cluster.fault = undefined;
    await expect.poll(() => trusted(mutating).join("")).toContain("BEGIN CERTIFICATE");
  });

  it("does not make certificates without end that are of no use", async () => {
    const warnings: object[] = [];
    maintain({ names: ["wäbhook.svc"], log: { ...silentLog, warn: (fields) => warnings.push(fields) } });
    await expect.poll(() => warnings.length).toBeGreaterThan(0);
    expect(warnings[0]).toMatchObject({
      code: "InvalidConfiguration",
      hint: expect.stringContaining("--tls-name"),
    });
    expect(cluster.get(secretPath)).toBeUndefined();
  });

  it("does not overwrite what another one wrote at the same time", async () => {
    const foreign = await issued([service]);
    let isFirst = true;
    cluster.fault = ({ method, path }) => {
      if (method !== "POST" || !path.endsWith("/secrets") || !isFirst) return undefined;
      isFirst = false;
      const { certificate, key, authority } = foreign;
      const data = { "tls.crt": certificate, "tls.key": key, "ca.crt": authority };
      const encoded = Object.entries(data).map(([name, text]) => [
        name,
        Buffer.from(text).toString("base64"),
      ]);
      cluster.put(secretPath, { data: Object.fromEntries(encoded) });
      return undefined;
    };
    maintain();
    await expect.poll(() => trusted(mutating)).toEqual([foreign.authority]);
    expect(secret().current?.certificate).toBe(foreign.certificate);
  });

  it("changes certificates under load, and nobody is ever shown one that is not trusted", async () => {
    // Certificates hold for an hour, and forty minutes pass in one and a half seconds.
    const speed = 1_600;
    const [begun, start] = [performance.now(), Date.now() - 0.9 * hour];
    const clock: Clock = {
      now: () => start + (performance.now() - begun) * speed,
      random: () => 0.5,
      sleep: (ms, signal) => systemClock.sleep(ms / speed, signal),
    };
    const replicas = await Promise.all([1, 2].map(() => replica(clock)));
    maintain({ clock, lifetimeMs: hour, settleMs: 120_000 });
    await expect.poll(() => replicas.every(({ shown }) => shown.size > 0)).toBe(true);
    await expect.poll(() => trusted(mutating).join("")).toContain("BEGIN CERTIFICATE");
    const failures: string[] = [];
    let handshakes = 0;
    // Two changes; a slow machine may not come to the second before the first certificate is of tomorrow.
    while (replicas.some(({ shown }) => shown.size < 3) && clock.now() < Date.now() + 0.9 * hour) {
      const [bundle = ""] = trusted(mutating);
      // An API server that has not heard of the change yet.
      await systemClock.sleep(10);
      for (const { port } of replicas) {
        const failure = await tried(port, bundle);
        handshakes += 1;
        if (failure !== undefined) failures.push(failure);
      }
    }
    expect(failures).toEqual([]);
    for (const { shown } of replicas) expect(shown.size).toBeGreaterThan(1);
    expect(handshakes).toBeGreaterThan(20);
    // The former authority is still trusted, those before have ended.
    const bundle = secret().authorities.match(/BEGIN CERTIFICATE/g) ?? [];
    expect(bundle.length).toBeLessThanOrEqual(3);
    for (const { close } of replicas) close();
  });
});

function issued(names: readonly string[], hours = 24) {
  const notBefore = Date.now() - 48 * hour;
  return issueCertificate({ names, notBefore, notAfter: Date.now() + hours * hour });
}

/** A server that shows what the Secret holds. */
async function replica(clock: Clock) {
  const shown = new Set<string>();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const options = {
    api,
    namespace: "promotion",
    name: "tls",
    clock,
    log: silentLog,
    signal: controller.signal,
  };
  const showing = async () => {
    for await (const { certificate: cert, key } of certificatesOfSecret(options)) {
      shown.add(cert);
      server.setSecureContext({ cert, key });
    }
  };
  running.push(showing());
  return { port: (server.address() as AddressInfo).port, shown, close: () => server.close() };
}

function tried(port: number, ca: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", ca, servername: service }, () => {
      resolve(socket.authorized ? undefined : String(socket.authorizationError));
      socket.destroy();
    });
    socket.on("error", (error) => resolve(error.message));
  });
}
