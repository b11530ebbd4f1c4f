import { Agent, request } from "undici";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isRecord, recordsOf } from "../../job/kubernetes/object.ts";
import { image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { type FakeCluster, startCluster } from "../kubernetes/fake-cluster.ts";
import { pod, review } from "../webhook/review.ts";
import { type CommandRun, runCommand } from "./command-run.ts";
import { prodHost, type TwoAccounts, twoAccounts } from "./two-accounts.ts";

const service = "image-promoter.promotion.svc";
const folder = "/var/run/secrets/kubernetes.io/serviceaccount";
const configuration = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/promoter";
const lease = "/apis/coordination.k8s.io/v1/namespaces/promotion/leases/promoter";

let world: TwoAccounts;
let cluster: FakeCluster;
beforeEach(async () => {
  world = await twoAccounts();
  cluster = await startCluster();
  cluster.put(configuration, {
    webhooks: [{ name: "pods.image-promoter.dev", clientConfig: { service: { name: "image-promoter" } } }],
  });
});
afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

interface Replica {
  readonly port: number;
  /** Where probes and metrics are. */
  readonly probes: number;
  readonly stop: () => Promise<CommandRun>;
}

/** `serve` as the pod of that name, when it listens for admission requests. */
async function replica(name: string): Promise<Replica> {
  const controller = new AbortController();
  const { promise: listening, resolve, reject } = Promise.withResolvers<number>();
  const args = [
    ...["serve", "--listen", "127.0.0.1:0", "--health", "127.0.0.1:0", "--shutdown-delay", "1ms"],
    ...["--tls-self-managed", "--tls-secret", "tls", "--tls-name", service],
    ...["--webhook-configuration", "promoter", "--watch", "--lease", "promoter", "--log-format", "json"],
  ];
  let log = "";
  const run = runCommand(args, {
    env: {
      ...world.env,
      KUBERNETES_SERVICE_HOST: "127.0.0.1",
      KUBERNETES_SERVICE_PORT: String(cluster.port),
      POD_NAME: name,
    },
    files: {
      [`${folder}/token`]: "token",
      [`${folder}/ca.crt`]: cluster.certificate,
      [`${folder}/namespace`]: "promotion",
    },
    signal: controller.signal,
    onStderr(text) {
      log += text;
      const port = /"port":(\d+),"msg":"Listening for admission/.exec(log)?.[1];
      if (port !== undefined) resolve(Number(port));
    },
  });
  run.then(({ stderr }) => reject(new Error(`it ended: ${stderr}`)), reject);
  const stop = async () => {
    controller.abort(new Error("Stopped by the test"));
    return run;
  };
  const port = await listening;
  return { port, probes: Number(/"port":(\d+),"msg":"Listening for probes/.exec(log)?.[1]), stop };
}

/** Asks as the API server does, which knows whom to trust by the configuration. */
async function ask(port: number, images: readonly string[]): Promise<unknown> {
  const [webhook] = recordsOf(cluster.get(configuration)?.webhooks);
  const { caBundle } = isRecord(webhook?.clientConfig) ? webhook.clientConfig : {};
  const ca = Buffer.from(String(caBundle), "base64").toString();
  const dispatcher = new Agent({ connect: { ca, servername: service } });
  const answer = await request(`https://127.0.0.1:${port}/admit?timeout=10s`, {
    method: "POST",
    body: JSON.stringify(review({ object: pod(images) })),
    headers: { "content-type": "application/json" },
    dispatcher,
  });
  const body = await answer.body.json();
  await dispatcher.close();
  return isRecord(body) ? body.response : undefined;
}

function putWaitingPod(name: string, reference: string): void {
  cluster.put(`/api/v1/namespaces/shop/pods/${name}`, {
    metadata: { namespace: "shop", name },
    spec: { containers: [{ name: "app", image: reference }] },
    status: {
      phase: "Pending",
      containerStatuses: [{ name: "app", state: { waiting: { reason: "ImagePullBackOff" } } }],
    },
  });
}

const holder = () => {
  const spec = cluster.get(lease)?.spec;
  return isRecord(spec) ? spec.holderIdentity : undefined;
};

describe("serve with replicas in a cluster", () => {
  it("makes its certificate, promotes what pods wait for, and goes on when the leading replica goes", async () => {
    const fixture = placeImage(world.dev("team/app"), image(), { tags: ["1", "2"] });
    const prod = world.prod("team/app");
    const replicas = new Map(
      await Promise.all(["one", "two"].map(async (name) => [name, await replica(name)] as const)),
    );
    for (const { port } of replicas.values()) {
      // The first may be quicker than the API server is told.
      await expect
        .poll(() => ask(port, ["registry.example/other:1"]).catch(() => undefined))
        .toMatchObject({ allowed: true });
    }

    putWaitingPod("web-1", `${prodHost}/team/app:1`);
    await expect.poll(() => prod.imageTags.get("1")).toBe(rootDigest(fixture));
    const events = () => cluster.requests.filter(({ path }) => path.endsWith("/shop/events"));
    await expect
      .poll(events)
      .toMatchObject([{ body: { reason: "ImagesPromoted", regarding: { kind: "Pod", name: "web-1" } } }]);

    const first = String(holder());
    const metrics = await (await fetch(`http://127.0.0.1:${replicas.get(first)?.probes}/metrics`)).text();
    expect(metrics).toMatch(/^image_promoter_leader 1$/m);
    expect(metrics).toMatch(/^image_promoter_waiting_images 1$/m);
    const expiry = Number(/^image_promoter_certificate_expiry_seconds (.*)$/m.exec(metrics)?.[1]);
    expect(expiry).toBeGreaterThan(Date.now() / 1_000 + 89 * 24 * 3_600);
    const ended = await replicas.get(first)?.stop();
    expect(ended?.code).toBe(0);
    putWaitingPod("web-2", `${prodHost}/team/app:2`);
    await expect.poll(() => prod.imageTags.get("2"), { timeout: 10_000 }).toBe(rootDigest(fixture));
    const second = String(holder());
    expect([first, second].toSorted()).toEqual(["one", "two"]);
    expect(await ask(replicas.get(second)?.port ?? 0, [`${prodHost}/team/app:2`])).toMatchObject({
      allowed: true,
    });
    expect((await replicas.get(second)?.stop())?.code).toBe(0);
    expect(holder()).toBeUndefined();
  });
});
