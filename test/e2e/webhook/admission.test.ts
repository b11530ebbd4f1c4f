import { describe, expect, it } from "vitest";
import { digestOfImage } from "../app-image.ts";
import { deployed, failedPulls } from "../deployed.ts";
import { useNamespace } from "../namespace.ts";
import { describeInCluster } from "../world.ts";
import { apply, deploymentOf, imageOf, podOf, podSpecOf, running, tryApply } from "./pods.ts";
import { useWebhook } from "./release.ts";

const policy = (word: string) => ({ annotations: { "image-promoter.dev/policy": word } });

describeInCluster("the admission webhook, asked by the API server", (world) => {
  const webhook = useWebhook(world, "admission", {
    serve: { workloads: ["deployments", "cronjobs"], validate: true },
  });
  const apps = useNamespace("admitted");
  const image = (name: string) => `${webhook().registry}/shop/${name}`;

  it("promotes what a pod needs before the pod is there", async () => {
    expect(await digestOfImage(image("web:1.4.2"))).toBeUndefined();
    expect(await apply(apps(), podOf("web", image("web:1.4.2")))).toBe("");
    expect(await digestOfImage(image("web:1.4.2"))).toBe(
      await digestOfImage(`${world.source}/shop/web:1.4.2`),
    );
    await running(apps(), "web");
    expect(await failedPulls(apps())).toEqual([]);
  });

  it("rolls a Deployment out, release after release", async () => {
    for (const release of ["1.4.2", "1.5.0", "3.2.0"]) {
      await apply(apps(), deploymentOf("shop", image(`web:${release}`), { replicas: 2 }));
      // The Deployment itself was asked about: its image is there before its first pod.
      expect(await digestOfImage(image(`web:${release}`))).toBeDefined();
      expect(await deployed(apps(), "shop")).toEqual([
        {
          image: image(`web:${release}`),
          digest: await digestOfImage(`${world.source}/shop/web:${release}`),
        },
      ]);
    }
    expect(await failedPulls(apps())).toEqual([]);
  });

  it("promotes what a CronJob will need", async () => {
    const template = { spec: podSpecOf(image("worker:1.3.0"), { restartPolicy: "Never" }) };
    const spec = { schedule: "0 0 31 2 *", jobTemplate: { spec: { template } } };
    await apply(apps(), { apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "nightly" }, spec });
    expect(await digestOfImage(image("worker:1.3.0"))).toBeDefined();
  });

  it("does nothing for a request without effect", async () => {
    const pod = podOf("dry", image("api:1.4.2"));
    const { code, stderr } = await tryApply(apps(), pod, "--dry-run=server");
    expect(code).toBe(0);
    expect(stderr).toContain("would be promoted");
    expect(await digestOfImage(image("api:1.4.2"))).toBeUndefined();
  });

  it("refuses what nobody promoted, where that is the policy", async () => {
    const refused = await tryApply(apps(), podOf("refused", image("api:1.4.2"), policy("verify-only")));
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("pods.image-promoter.dev") });
    expect(refused.stderr).toContain("shop/api:1.4.2");
    expect(await digestOfImage(image("api:1.4.2"))).toBeUndefined();
  });

  it("names by its destination what is named by its source, with its digest", async () => {
    const annotations = { "image-promoter.dev/policy": "rewrite", "image-promoter.dev/pin": "true" };
    await apply(apps(), podOf("rewritten", `${world.source}/shop/api:1.4.2`, { annotations }));
    const digest = await digestOfImage(`${world.source}/shop/api:1.4.2`);
    expect(await imageOf(apps(), "rewritten")).toBe(`${image("api:1.4.2")}@${digest}`);
    await running(apps(), "rewritten");
  });

  it("promotes meanwhile what nobody is to wait for", async () => {
    await apply(apps(), podOf("later", image("proxy:2.0.1"), policy("background")));
    await running(apps(), "later");
    expect(await digestOfImage(image("proxy:2.0.1"))).toBeDefined();
  });

  it("goes by what the namespace says", async () => {
    await apps().kubectl(["annotate", "namespace", apps().name, "image-promoter.dev/policy=verify-only"]);
    const pod = podOf("by-namespace", image("web:3.3.0"));
    await expect
      .poll(async () => (await tryApply(apps(), pod, "--dry-run=server")).code, {
        timeout: 40_000,
        interval: 1_000,
      })
      .toBe(1);
    await apps().kubectl(["annotate", "namespace", apps().name, "image-promoter.dev/policy-"]);
  });

  describe("is not asked", () => {
    it("about images of others", async () => {
      const before = await asked();
      await apply(apps(), podOf("foreign", `${world.destination}/elsewhere/web:1`));
      expect(await asked()).toBe(before);
    });

    it("about a change that is none of its images", async () => {
      const before = await asked();
      await apps().kubectl(["label", "pod", "web", "a=b"]);
      await apps().kubectl(["scale", "deployment/shop", "--replicas=1"]);
      expect(await asked()).toBe(before);
    });

    it("about pods of its own namespace", async () => {
      const before = await asked();
      await apply(webhook().namespace, podOf("own", image("web:0.0.0")));
      expect(await asked()).toBe(before);
    });
  });

  /** How often it has been asked about anything. */
  async function asked(): Promise<number> {
    const metrics = await webhook().metrics();
    return [...metrics]
      .filter(([name]) => /^image_promoter_admission_requests_total\b/.test(name))
      .reduce((sum, [, value]) => sum + value, 0);
  }
});
