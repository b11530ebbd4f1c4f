import { describe, expect, it } from "vitest";
import { image } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { deployment, startCluster } from "../kubernetes/running-cluster.ts";
import { startServe } from "../webhook/running-serve.ts";
import { devAccount, devHost, prodAccount, prodHost, twoAccounts } from "./two-accounts.ts";

const configuration = `apiVersion: image-promoter/v1
kind: Promoter
environments:
  development: {account: "${devAccount}", region: eu-west-1}
  production: {account: "${prodAccount}", region: eu-west-1, manifests: not-in-this-container, promotesFrom: [development]}
`;

describe("serve --status-page", () => {
  it("shows what runs in its cluster, and neither waits for files nor for registries", async () => {
    await using world = await twoAccounts();
    placeImage(world.prod("team/app"), image(), { tags: ["1.4.2"] });
    await using cluster = await startCluster([deployment("app", `${prodHost}/team/app:1.4.2`)]);
    await using serve = await startServe(world, ["--config", "promoter.yaml", "--status-page"], {
      env: { PROMOTER_FROM: "", PROMOTER_TO: "", KUBECONFIG: "kubeconfig" },
      files: { "promoter.yaml": configuration, kubeconfig: cluster.kubeconfig },
    });
    expect((await serve.get("/")).status).toBe(503);
    await expect.poll(async () => (await serve.get("/")).status, { timeout: 20_000 }).toBe(200);
    const page = await serve.get("/");
    expect(page.text).toContain("Deployment shop/app");
    const { environments, modules } = JSON.parse((await serve.get("/status.json")).text);
    expect(environments[1]).toMatchObject({ name: "production", cluster: true, errors: [] });
    expect(modules[0].environments.production.images[0]).toMatchObject({
      tag: "1.4.2",
      promoted: true,
      drift: [],
    });
    expect((await serve.get("/metrics")).status).toBe(200);
  });

  it("is not there unless it is wanted", async () => {
    await using world = await twoAccounts();
    await using serve = await startServe(world);
    expect((await serve.get("/")).status).toBe(404);
  });

  it("shows the registries of its routes where no environments are described", async () => {
    await using world = await twoAccounts();
    placeImage(world.prod("team/app"), image(), { tags: ["1"] });
    await using cluster = await startCluster([deployment("app", `${prodHost}/team/app:1`)]);
    await using serve = await startServe(world, ["--status-page"], {
      env: { KUBECONFIG: "kubeconfig" },
      files: { kubeconfig: cluster.kubeconfig },
    });
    await expect.poll(async () => (await serve.get("/")).status, { timeout: 20_000 }).toBe(200);
    const { environments, modules } = JSON.parse((await serve.get("/status.json")).text);
    expect(environments).toMatchObject([
      { name: devHost, promotesFrom: [], cluster: false },
      { name: prodHost, promotesFrom: [devHost], cluster: true },
    ]);
    expect(modules[0].environments[prodHost].images[0]).toMatchObject({ promoted: true, drift: [] });
  });
});
