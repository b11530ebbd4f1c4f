import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chartFolder, type HelmShell, openHelm } from "../chart/helm.ts";
import { deleteImage, digestOfImage } from "./app-image.ts";
import { sync } from "./argocd-sync.ts";
import { destinationOf, promotionValues } from "./chart.ts";
import { deployed, failedPulls } from "./deployed.ts";
import { type AdaptedExample, adaptExample } from "./example.ts";
import { endOfJob } from "./job.ts";
import { useNamespace } from "./namespace.ts";
import { describeInCluster } from "./world.ts";

describeInCluster("an application's chart, synced as by Argo CD", (world) => {
  describe.each(["PreSync", "Sync"])("the Job in the phase %s", (phase) => {
    const namespace = useNamespace(`argocd-${phase.toLowerCase()}`);
    let helm: HelmShell;
    let chart: AdaptedExample;
    const registry = () => destinationOf(world, namespace().name);
    const web = (tag: string) => `${registry()}/shop/web:${tag}`;

    beforeAll(async () => {
      helm = await openHelm();
      chart = await adaptExample("helm/named-template", { "file://../../../chart": `file://${chartFolder}` });
      const { exitCode, stderr } = await helm.run("helm", ["dependency", "build", chart.folder]);
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    });
    afterAll(async () => {
      await chart?.[Symbol.asyncDispose]();
      await helm?.[Symbol.asyncDispose]();
    });

    it("has the images before the pods", async () => {
      await syncRelease("1.4.2");
      await expectRelease("1.4.2");
      expect(await failedPulls(namespace())).toEqual([]);
    });

    it("upgrades by one line", async () => {
      await syncRelease("1.5.0");
      await expectRelease("1.5.0");
      expect(await failedPulls(namespace())).toEqual([]);
    });

    it("syncs again what is synced", async () => {
      await syncRelease("1.5.0");
      await expectRelease("1.5.0");
    });

    it("tells what it did by Events, of changes alone", async () => {
      const selector = "--field-selector=reportingComponent=image-promoter";
      const events = await namespace().list<{ reason: string; message: string }>("events", selector);
      expect(events.map(({ reason }) => reason)).toEqual(["ImagesPromoted", "ImagesPromoted"]);
      const messages = events.map(({ message }) => message.split(",")[0]);
      expect(messages.sort()).toEqual(["2 images: 1 copied", "2 images: 2 copied"]);
    });

    it("brings back by hand what was deleted", async () => {
      await deleteImage(web("1.5.0"));
      expect(await digestOfImage(web("1.5.0"))).toBeUndefined();
      await namespace().kubectl(["create", "job", "rerun", "--from=cronjob/shop-image-promoter"]);
      expect(await endOfJob(namespace(), "rerun")).toMatchObject({
        condition: { type: "Complete" },
        pods: [{ image: world.image, exitCode: 0, message: expect.stringContaining("1 copied") }],
      });
      expect(await digestOfImage(web("1.5.0"))).toBe(await digestOfImage(`${world.source}/shop/web:1.5.0`));
    });

    async function syncRelease(tag: string): Promise<void> {
      const values = {
        registry: registry(),
        web: { tag },
        "image-promoter": { ...promotionValues(world, namespace().name), hook: { phase } },
      };
      await sync(
        namespace(),
        await helm.template("helm", chart.folder, { namespace: namespace().name, values }),
      );
    }

    async function expectRelease(tag: string): Promise<void> {
      const digest = await digestOfImage(`${world.source}/shop/web:${tag}`);
      expect(await deployed(namespace(), "shop-web")).toEqual([{ image: web(tag), digest }]);
    }
  });
});
