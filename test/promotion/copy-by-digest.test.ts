import { describe, expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import { referrersTag } from "../../job/oci/referrers-tag.ts";
import { image } from "./memory-image.ts";
import { type World, world } from "./world.ts";

const writes = new Set(["pushBlob", "pushManifest", "linkReferrers"]);

/** An image that is wanted by its digest alone, with a signature of either kind. */
function release({ dev }: World) {
  const repository = dev.repository("app");
  const { descriptor: subject } = image(repository, { layers: ["one"] });
  const root = subject.digest;
  const sbom = image(repository, { layers: ["sbom"], subject, artifactType: "x/sbom" });
  const tag = `${referrersTag(root)}.sig`;
  image(repository, { layers: ["signature"], tag });
  return { name: `prod.test/app@${root}`, root, sbom: sbom.descriptor.digest, tag };
}

/** From the nth write on the destination answers nothing any more. */
function endsAt({ prod }: World, nth: number): () => number {
  let count = 0;
  prod.fault = ({ verb }) => {
    if (writes.has(verb)) count += 1;
    if (count >= nth) throw new PromoterError("Network", "gone", { temporary: true });
  };
  return () => count;
}

describe("an image that is wanted by its digest alone", () => {
  it("is there only when what is attached to it is: a run that ends early leaves nothing undone for ever", async () => {
    const whole = world();
    const total = endsAt(whole, Number.POSITIVE_INFINITY);
    expect(await whole.promoteOne(release(whole).name)).toMatchObject({ status: "copied", referrers: 2 });
    expect(total()).toBeGreaterThan(6);
    for (let nth = 1; nth <= total(); nth += 1) {
      const w = world();
      const { name, root, sbom, tag } = release(w);
      endsAt(w, nth);
      expect(await w.promoteOne(name)).toMatchObject({ status: "failed" });
      w.prod.fault = () => {};
      expect(await w.promoteOne(name)).toMatchObject({ status: "copied", warnings: [] });
      const there = w.prod.repository("app");
      expect([root, sbom].filter((digest) => !there.manifests.has(digest))).toEqual([]);
      expect(there.tags.has(tag)).toBe(true);
      expect(await w.promoteOne(name)).toMatchObject({ status: "up-to-date" });
    }
  });

  it.each(["Unsupported", "ManifestInvalid", "ManifestUnknown"] as const)(
    "goes first where the destination answers %s to what is attached to something missing",
    async (code) => {
      const w = world();
      const { name, root, sbom } = release(w);
      const there = w.prod.repository("app");
      w.prod.fault = ({ verb, target }) => {
        if (verb !== "pushManifest" || target !== sbom || there.manifests.has(root)) return;
        throw new PromoterError(code, "the subject is missing");
      };
      for (const referrers of ["all", "required"] as const) {
        there.manifests.clear();
        expect(await w.promoteOne(name, { referrers })).toMatchObject({ status: "copied", warnings: [] });
        expect([root, sbom].filter((digest) => !there.manifests.has(digest))).toEqual([]);
      }
    },
  );

  it("fails at once when the destination fails while it takes what is attached", async () => {
    const w = world();
    const { name, root, sbom } = release(w);
    w.prod.fault = ({ verb, target }) => {
      if (verb === "pushManifest" && target === sbom) throw new PromoterError("Denied", "no");
      if (verb === "pushManifest" && target !== root) {
        throw new PromoterError("Unavailable", "503", { temporary: true });
      }
    };
    expect(await w.promoteOne(name)).toMatchObject({ status: "failed", error: { code: "Unavailable" } });
    expect(w.prod.repository("app").manifests.has(root)).toBe(false);
  });
});
