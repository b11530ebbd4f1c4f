import { expect, it } from "vitest";
import { app } from "./release.ts";
import { faultWorld } from "./world.ts";

it("promotes no manifest that was altered on its way, also when it still is a manifest", async () => {
  await using world = await faultWorld();
  const { manifests } = world.dev.app;
  const get = manifests.get.bind(manifests);
  const root = app.descriptor.digest;
  // The head tells the true digest; what comes for it is another document.
  manifests.get = (digest) => {
    const found = get(digest);
    if (digest !== root || found === undefined) return found;
    return {
      ...found,
      bytes: Buffer.from(Buffer.from(found.bytes).toString().replace('"linux"', '"linus"')),
    };
  };
  const { code, report } = await world.promote();
  expect(code).toBe(4);
  expect(report?.images.map(({ error }) => error?.code)).toContain("DigestMismatch");
  expect([...world.prod.app.imageTags.values()]).not.toContain(root);
});
