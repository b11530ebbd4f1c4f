import { expect, it } from "vitest";
import { digestOfImage } from "../app-image.ts";
import { useNamespace } from "../namespace.ts";
import { describeInCluster } from "../world.ts";
import { givenCertificate } from "./certificate.ts";
import { openApi } from "./load.ts";
import { podOf } from "./pods.ts";
import { useWebhook } from "./release.ts";

const pods = 500;
/** No node has it: what is asked of the cluster is to let pods in, not to run them. */
const nowhere = { nodeSelector: { "image-promoter.dev/nowhere": "true" } };

describeInCluster("hundreds of pods at once", (world) => {
  const webhook = useWebhook(world, "storm", async (release) => ({
    serve: { tls: await givenCertificate(release), failurePolicy: "Fail", timeoutSeconds: 30 },
  }));
  const apps = useNamespace("storm-apps");

  it("are all let in, and their image is promoted once", async () => {
    const image = `${webhook().registry}/shop/web:1.4.2`;
    await using api = await openApi();
    const path = `/api/v1/namespaces/${apps().name}/pods`;
    const asked = Array.from({ length: pods }, (_, number) =>
      api.create(path, podOf(`pod-${number}`, image, { spec: nowhere })),
    );
    const refused = (await Promise.allSettled(asked)).flatMap((result) =>
      result.status === "rejected" ? [String(result.reason)] : [],
    );
    expect(refused).toEqual([]);
    expect(await apps().list("pods")).toHaveLength(pods);
    expect(await digestOfImage(image)).toBe(await digestOfImage(`${world.source}/shop/web:1.4.2`));
    const metrics = await webhook().metrics();
    const promoted = [...metrics].filter(([name]) => /^image_promoter_promotions_total\{.*copied/.test(name));
    // Each replica looks for itself; who comes second finds it there.
    expect(promoted.reduce((sum, [, value]) => sum + value, 0)).toBeLessThanOrEqual(2);
  });
});
