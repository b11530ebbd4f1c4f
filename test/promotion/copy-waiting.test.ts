import { describe, expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import { mediaTypes } from "../../job/oci/media-type.ts";
import { referrersTag } from "../../job/oci/referrers-tag.ts";
import { blob, document, image, index } from "./memory-image.ts";
import { type World, world } from "./world.ts";

/** An index of the image itself that is attached to it. */
function attachedIndex({ dev }: World, repository: string) {
  const held = dev.repository(repository);
  const root = image(held, { layers: ["layer"] });
  const list = document({
    mediaType: mediaTypes.ociIndex,
    manifests: [root.descriptor],
    subject: root.descriptor,
    artifactType: "x/list",
  });
  held.put(list);
  return { root: root.descriptor.digest, index: list.descriptor.digest };
}

describe("nobody waits for ever", () => {
  it("for an image that is wanted by digest and stands in an index which is attached to it", async () => {
    const w = world();
    const { root, index } = attachedIndex(w, "app");
    expect(await w.promoteOne(`prod.test/app@${root}`)).toMatchObject({ status: "copied", referrers: 1 });
    const there = w.prod.repository("app");
    expect([root, index].filter((digest) => !there.manifests.has(digest))).toEqual([]);
  });

  it("for signatures whose tags lead round in a circle", async () => {
    const w = world();
    const held = w.dev.repository("app");
    const child = image(held, { layers: ["layer"] });
    const root = index(held, [child], "1");
    held.put(child, `${referrersTag(root.descriptor.digest)}.sig`);
    held.put(root, `${referrersTag(child.descriptor.digest)}.sig`);
    held.put(root, `${referrersTag(root.descriptor.digest)}.att`);
    expect(await w.promoteOne("prod.test/app:1")).toMatchObject({ status: "copied", warnings: [] });
    expect(w.prod.repository("app").tags.size).toBe(4);
  });

  it("for a layer that is brought again, and that another image was about to bring", async () => {
    const w = world({ mountableAfter: "manifest" });
    const [dev, prod] = [w.dev.repository("first"), w.prod.repository("first")];
    // The destination claims to have a member of this index, so that its layer is the second image's to bring.
    const member = image(dev, { layers: ["lost"] });
    const mixed = document({
      mediaType: mediaTypes.ociIndex,
      manifests: [member.descriptor, blob(dev, "cached", "application/vnd.buildkit.cacheconfig.v0")],
    });
    dev.put(mixed, "1");
    prod.phantoms.add(member.descriptor.digest);
    image(w.dev.repository("second"), { layers: ["lost", "cached"], tag: "1" });
    const [firstBegan, secondBegan] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    w.dev.fault = async ({ verb, repository }) => {
      if (repository === "second" && verb === "fetchManifest") await firstBegan.promise;
    };
    w.prod.fault = async ({ verb, repository, target }) => {
      if (verb === "pushBlob") (repository === "first" ? firstBegan : secondBegan).resolve();
      if (repository === "first" && verb === "pushManifest" && target === "1") await secondBegan.promise;
    };
    const { images } = await w.promote(["prod.test/first:1", "prod.test/second:1"]);
    expect(images.map(({ status }) => status)).toEqual(["copied", "copied"]);
  });

  it("for images that fail in any order while others wait for their layers", async () => {
    const names = ["a", "b", "c", "d", "e", "f"];
    for (let nth = 1; nth <= 30; nth += 1) {
      const w = world({ mountableAfter: nth % 2 === 0 ? "manifest" : "upload" });
      for (const [position, name] of names.entries()) {
        const others = names.filter((_, other) => (other + position + nth) % 3 !== 0);
        const root = image(w.dev.repository(name), { layers: [name, ...others], tag: "1" });
        image(w.dev.repository(name), { layers: ["sbom", ...names], subject: root.descriptor });
      }
      let count = 0;
      w.prod.fault = () => {
        count += 1;
        if (count % (nth + 3) === 0) throw new PromoterError("Unavailable", "503", { temporary: true });
      };
      const { images } = await w.promote(names.map((name) => `prod.test/${name}:1`));
      expect(images.map(({ status }) => status)).toContain("failed");
      w.prod.fault = undefined;
      const again = await w.promote(names.map((name) => `prod.test/${name}:1`));
      expect(again.images.map(({ status }) => status)).not.toContain("failed");
    }
  });
});
