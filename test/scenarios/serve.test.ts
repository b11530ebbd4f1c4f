import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { pod, review } from "../webhook/review.ts";
import { startServe } from "../webhook/running-serve.ts";
import { devHost, prodHost, twoAccounts } from "./two-accounts.ts";

const app = `${prodHost}/team/app:1`;
const head = "apiVersion: image-promoter/v1\nkind: Promoter\n";

describe("serve", () => {
  it("promotes a pod's image before it admits the pod, and knows it from then on", async () => {
    await using world = await twoAccounts();
    const fixture = placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    const prod = world.prod("team/app");
    await using serve = await startServe(world);
    const answer = await serve.ask("/admit?timeout=10s", { object: pod([app]) });
    expect(answer).toMatchObject({
      allowed: true,
      patch: [],
      auditAnnotations: { images: `${app}=promoted` },
    });
    expect(prod.imageTags.get("1")).toBe(rootDigest(fixture));

    const before = world.emulator.requests.length;
    const again = await serve.ask("/admit?timeout=10s", { object: pod([app]) });
    expect(again.auditAnnotations).toEqual({ images: `${app}=present` });
    expect(world.emulator.requests.length).toBe(before);
    const ended = await serve.stop();
    expect(ended.code).toBe(0);
  });

  it("names a pod's image by its destination and digest", async () => {
    await using world = await twoAccounts();
    const fixture = placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    world.prod("team/app");
    const configuration =
      "apiVersion: image-promoter/v1\nkind: Promoter\nwebhook: { policy: rewrite, pin: true }\n";
    await using serve = await startServe(world, ["--config", "promoter.yaml"], {
      files: { "promoter.yaml": configuration },
    });
    const answer = await serve.ask("/admit", { object: pod([`${devHost}/team/app:1`]) });
    const pinned = `${app}@${rootDigest(fixture)}`;
    expect(answer.patch).toEqual([{ op: "replace", path: "/spec/containers/0/image", value: pinned }]);
    const again = await serve.ask("/admit", { object: pod([pinned]) });
    expect(again.patch).toEqual([]);
  });

  it("promotes once what five hundred pods ask for at the same time, and answers all of them", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    const prod = world.prod("team/app");
    await using serve = await startServe(world);
    const answers = await Promise.all(
      Array.from({ length: 500 }, () => serve.ask("/admit?timeout=30s", { object: pod([app]) })),
    );
    expect(answers.every(({ allowed }) => allowed)).toBe(true);
    expect(prod.imageTags.has("1")).toBe(true);
    const puts = world.emulator.requests.filter(
      ({ method, path }) => method === "PUT" && path.includes("/manifests/"),
    );
    expect(puts).toHaveLength(1);
    const { text } = await serve.get("/metrics");
    expect(text).toContain('image_promoter_promotions_total{status="copied"} 1\n');
    expect(text).toContain('image_promoter_admission_requests_total{path="/admit",decision="allowed"} 500\n');
    expect(text).toContain("image_promoter_cached_images 1\n");
  });

  it("never stands in the way of its own pods, nor of those that the cluster lives of", async () => {
    await using world = await twoAccounts();
    const files = { "promoter.yaml": `${head}webhook: { excludeNamespaces: [monitor*] }\n` };
    const given = { files, env: { POD_NAMESPACE: "promotion" } };
    const args = ["--policy", "verify-only", "--on-failure", "deny", "--config", "promoter.yaml"];
    await using serve = await startServe(world, args, given);
    const decided = async (namespace: string) =>
      (await serve.ask("/admit", { object: pod([app]), namespace })).allowed;
    const spared = ["promotion", "kube-system", "kube-node-lease", "kube-public", "monitoring"];
    expect(await Promise.all(spared.map(decided))).toEqual(spared.map(() => true));
    expect(await decided("shop")).toBe(false);
  });

  it("brings what different images have in common once, when they are asked for at the same time", async () => {
    await using world = await twoAccounts();
    const fixture = image();
    placeImage(world.dev("team/app"), fixture, { tags: ["1", "2", "3"] });
    world.prod("team/app");
    await using serve = await startServe(world);
    const tags = ["1", "2", "3"].map((tag) => `${prodHost}/team/app:${tag}`);
    const answers = await Promise.all(tags.map((tag) => serve.ask("/admit", { object: pod([tag]) })));
    expect(answers.map(({ auditAnnotations }) => auditAnnotations?.images)).toEqual(
      tags.map((tag) => `${tag}=promoted`),
    );
    const uploads = world.emulator.requests.filter(({ kind }) => kind === "upload-finish");
    expect(uploads).toHaveLength(fixture.blobs.length);
  });

  it("answers in a few milliseconds about what it knows", async () => {
    await using world = await twoAccounts();
    placeImage(world.prod("team/app"), image(), { tags: ["1"] });
    await using serve = await startServe(world);
    await serve.ask("/admit", { object: pod([app]) });
    const requests = world.emulator.requests.length;
    for (let round = 0; round < 100; round += 1) await serve.ask("/admit", { object: pod([app]) });
    expect(world.emulator.requests.length).toBe(requests);
    const { text } = await serve.get("/metrics");
    const within = /admission_duration_seconds_bucket\{path="\/admit",le="0.005"\} (\d+)/.exec(text)?.[1];
    // Other work on the machine may hold up some; half of them are enough to know.
    expect(Number(within)).toBeGreaterThan(50);
  });

  it("does not wait longer than it may, and goes on with what it has begun", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    const prod = world.prod("team/app");
    world.emulator.faults.add({ kind: "manifest-put" }, { do: "delay", ms: 2_300 });
    await using serve = await startServe(world, ["--on-failure", "deny"]);
    const startedAt = performance.now();
    const refused = await serve.ask("/admit?timeout=2s", { object: pod([app]) });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(refused).toMatchObject({ allowed: false, status: { code: 429 } });
    expect(refused.status?.message).toContain("still being promoted");
    await expect.poll(() => prod.imageTags.has("1"), { timeout: 10_000 }).toBe(true);
    await expect
      .poll(() => serve.ask("/admit?timeout=5s", { object: pod([app]) }))
      .toMatchObject({ allowed: true });
  });

  it("refuses what was not promoted where it only verifies, and writes nothing", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    world.prod("team/app");
    await using serve = await startServe(world, ["--policy", "verify-only"]);
    for (const path of ["/admit", "/validate"]) {
      const { allowed, status } = await serve.ask(path, { object: pod([app]) });
      expect(allowed).toBe(false);
      expect(status?.message).toBe(
        `image-promoter: ${app}: It has not been promoted. Promote it before it is to run: image-promoter promote ${app}`,
      );
    }
    expect(
      world.emulator.requests.filter(({ kind }) => kind.startsWith("upload") || kind === "manifest-put"),
    ).toEqual([]);
  });

  it("is ready while it listens, ends promotions after SIGTERM, and says so before", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    const prod = world.prod("team/app");
    await using serve = await startServe(world, ["--policy", "background", "--shutdown-delay", "300ms"]);
    expect((await serve.get("/readyz")).status).toBe(200);
    expect((await serve.get("/nothing")).status).toBe(404);
    world.emulator.faults.add({ kind: "manifest-put" }, { do: "delay", ms: 600 });
    expect(await serve.ask("/admit", { object: pod([app]) })).toMatchObject({ allowed: true });
    const asked = JSON.stringify(review({ object: pod(["nginx"]) }));
    expect(await serve.post("/admit", asked)).toMatchObject({ connection: "keep-alive" });
    const ended = serve.stop();
    await expect.poll(async () => (await serve.get("/readyz")).status).toBe(503);
    // Nobody is to meet a connection that is about to be closed.
    expect(await serve.post("/admit", asked)).toMatchObject({ status: 200, connection: "close" });
    expect((await serve.get("/healthz")).status).toBe(200);
    expect(await serve.ask("/admit", { object: pod(["nginx"]) })).toMatchObject({ allowed: true });
    expect(await ended).toMatchObject({ code: 0 });
    expect(prod.imageTags.has("1")).toBe(true);
  });

  it("says that it broke off what did not end in time, and leaves no tag to anything", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    const prod = world.prod("team/app");
    world.emulator.faults.add({ kind: "upload-finish" }, { do: "stall" });
    await using serve = await startServe(world, ["--policy", "background", "--drain", "300ms"]);
    await serve.ask("/admit", { object: pod([app]) });
    await expect.poll(async () => (await serve.get("/metrics")).text).toContain("images_promoting 1\n");
    expect(await serve.stop()).toMatchObject({ code: 1 });
    expect(prod.imageTags.size).toBe(0);
  });

  it("lets gates speak: what they refuse is not promoted, and the pod's owner is told why", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    const prod = world.prod("team/app");
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = publicKey.export({ type: "spki", format: "pem" }).toString();
    await using serve = await startServe(world, ["--on-failure", "deny"], {
      files: { "cosign.pub": key },
      env: { PROMOTER_REQUIRE_SIGNATURE_KEY: "cosign.pub" },
    });
    const { allowed, status } = await serve.ask("/admit", { object: pod([app]) });
    expect({ allowed, code: status?.code }).toEqual({ allowed: false, code: 403 });
    expect(status?.message).toMatch(/signature/);
    expect(prod.manifests.size).toBe(0);
  });

  it("says what to do about a repository that is missing, and makes it where it may", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    await using serve = await startServe(world, ["--on-failure", "deny"]);
    const { status } = await serve.ask("/admit", { object: pod([app]) });
    expect(status?.message).toContain("--create-repositories");
    await serve.stop();

    world.allow("ecr:CreateRepository", "ecr:DescribeRepositories");
    await using making = await startServe(world, ["--on-failure", "deny", "--create-repositories"]);
    expect(await making.ask("/admit", { object: pod([app]) })).toMatchObject({ allowed: true });
    expect(world.prod("team/app").imageTags.has("1")).toBe(true);
  });

  it("waits no longer than it was told to", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    world.prod("team/app");
    world.emulator.faults.add({ kind: "manifest-put" }, { do: "delay", ms: 1_000 });
    await using serve = await startServe(world, ["--deadline", "100ms"]);
    const startedAt = performance.now();
    const answer = await serve.ask("/admit?timeout=30s", { object: pod([app]) });
    expect(performance.now() - startedAt).toBeLessThan(900);
    expect(answer).toMatchObject({ allowed: true, auditAnnotations: { images: `${app}=under-way` } });
    expect(answer.warnings).toHaveLength(1);
  });

  it("tells what is wrong with how it is called before it listens", async () => {
    await using world = await twoAccounts();
    const withoutRoutes = await world.run(["serve"], { env: { PROMOTER_FROM: "", PROMOTER_TO: "" } });
    expect(withoutRoutes).toMatchObject({ code: 2, stderr: expect.stringContaining("Nobody said where") });
    const local = ["--listen", "127.0.0.1:0", "--health", "127.0.0.1:0"];
    const withoutCertificate = await world.run(["serve", ...local]);
    expect(withoutCertificate).toMatchObject({ code: 2, stderr: expect.stringContaining("--tls-cert-file") });
    const outside = await world.run(["serve", ...local, "--watch"]);
    expect(outside).toMatchObject({ code: 2, stderr: expect.stringContaining("--watch is for a pod") });
  });
});
