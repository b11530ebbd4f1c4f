import { afterEach, expect, it } from "vitest";
import { kubectl } from "../kubectl.ts";
import { type Namespace, until, useNamespace } from "../namespace.ts";
import { describeInCluster } from "../world.ts";
import { givenCertificate, makeCertificate, putCertificate } from "./certificate.ts";
import { type Load, startLoad } from "./load.ts";
import { apply, podOf } from "./pods.ts";
import { useWebhook } from "./release.ts";

describeInCluster("certificates that the webhook manages itself", (world) => {
  // The shortest that there is: it is renewed after two thirds of it.
  const webhook = useWebhook(world, "rotation", {
    serve: { failurePolicy: "Fail", extraArgs: ["--tls-lifetime=60s"] },
  });
  const apps = useNamespace("rotation-apps");

  it("are renewed while pods come without pause, and none is kept out", async () => {
    const image = `${webhook().registry}/shop/web:1.4.2`;
    await apply(apps(), podOf("first", image));
    const secret = `${webhook().name}-tls`;
    const before = await certificateIn(webhook().namespace, secret);
    const trusted = await caBundle(webhook().clusterName);
    const load = startLoad(apps(), (name) => podOf(name, image));
    await until("another certificate", async () => {
      const now = await certificateIn(webhook().namespace, secret);
      return now === before ? undefined : now;
    });
    expect(await caBundle(webhook().clusterName)).not.toBe(trusted);
    const { admitted, refusals } = await afterSomeMore(load);
    expect(refusals).toEqual([]);
    expect(admitted).toBeGreaterThan(100);
  });
});

describeInCluster("a certificate of the user's", (world) => {
  const webhook = useWebhook(world, "given", async (release) => ({
    serve: { tls: await givenCertificate(release), failurePolicy: "Fail", watch: false },
  }));
  const apps = useNamespace("given-apps");
  let load: Load | undefined;
  afterEach(() => load?.end());

  it("is taken over from its Secret while pods come without pause, and none is kept out", async () => {
    const { namespace, clusterName } = webhook();
    const image = `${webhook().registry}/shop/web:1.4.2`;
    await apply(apps(), podOf("first", image));
    const next = makeCertificate(webhook());
    const old = Buffer.from(await caBundle(clusterName), "base64").toString();
    load = startLoad(apps(), (name) => podOf(name, image));
    // Both are trusted before the other is shown.
    await trust(clusterName, `${old}\n${next.certificate}`);
    await putCertificate(namespace, next);
    // A change of the pod has the kubelet look after its volumes now, not within a minute or two.
    await namespace.kubectl([
      "annotate",
      "pods",
      "--all",
      "--overwrite",
      `image-promoter.dev/seen=${Date.now()}`,
    ]);
    await until("the new certificate alone to be enough", async () => {
      const pods = await namespace.list<{ metadata: { name: string } }>("pods");
      const logs = await Promise.all(pods.map(({ metadata }) => namespace.kubectl(["logs", metadata.name])));
      return logs.every((log) => log.includes("Another certificate is shown")) || undefined;
    });
    await trust(clusterName, next.certificate);
    const { admitted, refusals } = await afterSomeMore(load);
    expect(refusals).toEqual([]);
    expect(admitted).toBeGreaterThan(50);
  });
});

async function certificateIn(namespace: Namespace, secret: string): Promise<string> {
  return await namespace.kubectl(["get", "secret", secret, "-o", "jsonpath={.data.tls\\.crt}"]);
}

async function caBundle(configuration: string): Promise<string> {
  const path = "jsonpath={.webhooks[0].clientConfig.caBundle}";
  return await kubectl(["get", "mutatingwebhookconfiguration", configuration, "-o", path]);
}

async function trust(configuration: string, pem: string): Promise<void> {
  const value = Buffer.from(pem).toString("base64");
  const patch = [{ op: "replace", path: "/webhooks/0/clientConfig/caBundle", value }];
  const args = ["patch", "mutatingwebhookconfiguration", configuration, "--type=json"];
  await kubectl([...args, "-p", JSON.stringify(patch)]);
}

async function afterSomeMore(load: Load) {
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  return await load.end();
}
