import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteImage, digestOfImage } from "../app-image.ts";
import { promotionValues } from "../chart.ts";
import { until, useNamespace } from "../namespace.ts";
import { describeInCluster, type World } from "../world.ts";
import { startLoad } from "./load.ts";
import { apply, podOf, podSpecOf, running, tryApply } from "./pods.ts";
import { useWebhook } from "./release.ts";
import { type SlowRegistry, slowedDown } from "./slow-registry.ts";

const byUs = "--field-selector=reportingController=image-promoter";

describeInCluster("a webhook that is down", (world) => {
  const webhook = useWebhook(world, "down", { serve: { replicas: 1 } });
  const apps = useNamespace("down-apps");
  const image = () => `${webhook().registry}/shop/web:1.4.2`;

  it("keeps no pod out, and what waits for its image gets it when the webhook is back", async () => {
    const deployment = `deployment/${webhook().name}`;
    await webhook().namespace.kubectl(["scale", deployment, "--replicas=0"]);
    const selector = "app.kubernetes.io/component=serve";
    await webhook().namespace.kubectl(["wait", "--for=delete", "pod", "-l", selector, "--timeout=60s"]);
    await apply(apps(), podOf("web", image()));
    await until("the kubelet to find no image", async () => {
      const path = "jsonpath={.status.containerStatuses[0].state.waiting.reason}";
      const reason = await apps().kubectl(["get", "pod", "web", "-o", path]);
      return ["ErrImagePull", "ImagePullBackOff"].includes(reason) || undefined;
    });
    expect(await digestOfImage(image())).toBeUndefined();
    await webhook().namespace.kubectl(["scale", deployment, "--replicas=1"]);
    await until("the image", () => digestOfImage(image()));
    await running(apps(), "web", 100);
    const events = await apps().list<{ reason: string }>("events.events.k8s.io", byUs);
    expect(events.length).toBeGreaterThan(0);
  });

  it("brings back what was removed while it was taken to be there", async () => {
    await deleteImage(image());
    expect(await digestOfImage(image())).toBeUndefined();
    const [container] = podSpecOf(image()).containers;
    const containers = [{ ...container, imagePullPolicy: "Always" }];
    await apply(apps(), podOf("again", image(), { spec: { containers } }));
    await running(apps(), "again", 100);
  });
});

describeInCluster("a source that is slow", (world) => {
  let slow: SlowRegistry;
  const webhook = useWebhook(world, "slow", async (release) => {
    slow = await slowedDown(world.source, 700);
    return {
      ...slowSource(world, release.registry, slow),
      serve: { replicas: 1, webhook: { policy: "wait", deadline: "2s" } },
    };
  });
  const apps = useNamespace("slow-apps");
  afterAll(() => slow?.[Symbol.asyncDispose]());
  const image = (name: string) => `${webhook().registry}/shop/${name}`;

  it("refuses in time what must not go without, and says what to do", async () => {
    const annotations = { "image-promoter.dev/on-failure": "deny" };
    const since = Date.now();
    const { code, stderr } = await tryApply(apps(), podOf("strict", image("web:1.5.0"), { annotations }));
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining("web:1.5.0") });
    expect(Date.now() - since).toBeLessThan(6_000);
  });

  it("lets others in when they have waited long enough, and goes on promoting", async () => {
    const since = Date.now();
    const warned = await apply(apps(), podOf("patient", image("web:1.4.2")));
    expect(Date.now() - since).toBeLessThan(6_000);
    expect(warned).toContain("Warning:");
    await running(apps(), "patient", 100);
    expect(await digestOfImage(image("web:1.4.2"))).toBe(
      await digestOfImage(`${world.source}/shop/web:1.4.2`),
    );
  });
});

describeInCluster("a webhook without which no pod gets in", (world) => {
  const webhook = useWebhook(world, "restart", { serve: { failurePolicy: "Fail" } });
  const apps = useNamespace("restart-apps");
  const image = () => `${webhook().registry}/shop/web:1.4.2`;

  describe("while its pods are replaced", () => {
    beforeAll(() => apply(apps(), podOf("first", image())));

    it("lets every pod in", async () => {
      const load = startLoad(apps(), (name) => podOf(name, image()));
      const deployment = `deployment/${webhook().name}`;
      await webhook().namespace.kubectl(["rollout", "restart", deployment]);
      await webhook().namespace.kubectl(["rollout", "status", deployment, "--timeout=90s"]);
      const selector = "app.kubernetes.io/component=serve";
      await until("the pods that were replaced to go", async () => {
        const pods = await webhook().namespace.list("pods", "-l", selector);
        return pods.length === 2 || undefined;
      });
      const { admitted, refusals } = await load.end();
      expect(refusals).toEqual([]);
      expect(admitted).toBeGreaterThan(100);
    });
  });
});

/** Values by which images come from a registry at another address than the world's. */
function slowSource(world: World, destination: string, { address }: SlowRegistry) {
  const namespace = destination.slice(destination.indexOf("/") + 1);
  const { registries } = promotionValues(world, namespace);
  return { source: { registry: address }, registries: [...registries, { host: address, insecure: true }] };
}
