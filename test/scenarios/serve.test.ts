import { describe, expect, it } from "vitest";
import { image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { pod } from "../webhook/review.ts";
import { startServe } from "../webhook/running-serve.ts";
import { devHost, prodHost, twoAccounts } from "./two-accounts.ts";

const app = `${prodHost}/team/app:1`;

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
});
