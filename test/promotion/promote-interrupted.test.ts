import { describe, expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import { readManifest } from "../../job/oci/manifest.ts";
import { cosignTags } from "../../job/oci/referrers-tag.ts";
import { image, index } from "./memory-image.ts";
import type { MemoryRegistry, MemoryRepository } from "./memory-registry.ts";
import { type World, world } from "./world.ts";

const writes = new Set(["pushBlob", "pushManifest", "linkReferrers"]);
const names = ["prod.test/app:1", "prod.test/other:1"];

/** Two images that share a layer, one of them of two platforms, signed in both of the ways that there are. */
function release(w: World): void {
  const app = w.dev.repository("app");
  const members = ["one", "two"].map((own) => image(app, { layers: ["base", own] }));
  const root = index(app, members, "1");
  image(app, { layers: ["sbom"], subject: root.descriptor, artifactType: "application/spdx+json" });
  image(app, { layers: ["signature"], tag: cosignTags(root.descriptor.digest)[0] ?? "" });
  image(w.dev.repository("other"), { layers: ["base", "three"], tag: "1" });
}

/** From its nth write on, the registry answers nothing any more: as the process sees its own end, or the network's. */
function endsAt(registry: MemoryRegistry, nth: number): () => number {
  let count = 0;
  registry.fault = ({ verb }) => {
    if (writes.has(verb)) count += 1;
    if (count >= nth) throw new PromoterError("Network", "gone", { temporary: true });
  };
  return () => count;
}

/** What tags lead to, and is not there. */
function missingBelowTags(repository: MemoryRepository): string[] {
  const missing: string[] = [];
  const visit = (digest: string) => {
    const manifest = [...repository.manifests.values()].find((one) => one.descriptor.digest === digest);
    if (manifest === undefined) return void missing.push(digest);
    const { blobs, manifests } = readManifest(manifest);
    missing.push(...blobs.filter((blob) => !repository.blobs.has(blob.digest)).map((blob) => blob.digest));
    for (const member of manifests) visit(member.digest);
  };
  for (const digest of repository.tags.values()) visit(digest);
  return missing;
}

function sentBlobs({ calls }: MemoryRegistry): string[] {
  return calls
    .filter(({ verb }) => verb === "pushBlob")
    .map(({ repository, target }) => `${repository} ${target}`);
}

describe.each(["upload", "manifest"] as const)(
  "a run that ends early (mountable after %s)",
  (mountableAfter) => {
    const options = { mountableAfter };

    it("at any of its writes leaves no tag to anything incomplete, and the next run does the rest", async () => {
      const whole = world(options);
      release(whole);
      const total = endsAt(whole.prod, Number.POSITIVE_INFINITY);
      expect((await whole.promote(names)).summary).toMatchObject({ copied: 2, failed: 0 });
      expect(total()).toBeGreaterThan(15);

      for (let nth = 1; nth <= total(); nth += 1) {
        const w = world(options);
        release(w);
        endsAt(w.prod, nth);
        await w.promote(names);
        w.prod.fault = undefined;
        const repositories = ["app", "other"].map((name) => w.prod.repository(name));
        expect(repositories.flatMap(missingBelowTags)).toEqual([]);

        const there = new Set(
          repositories.flatMap(({ repository, blobs }) =>
            [...blobs.keys()].map((digest) => `${repository} ${digest}`),
          ),
        );
        w.prod.calls.length = 0;
        expect((await w.promote(names)).summary).toMatchObject({ images: 2, failed: 0, kept: 0 });
        expect(sentBlobs(w.prod).filter((blob) => there.has(blob))).toEqual([]);
        for (const { repository, tags, manifests, linked } of repositories) {
          const expected = whole.prod.repository(repository);
          expect(tags).toEqual(expected.tags);
          expect(new Set(manifests.keys())).toEqual(new Set(expected.manifests.keys()));
          expect(new Set(linked.keys())).toEqual(new Set(expected.linked.keys()));
        }
      }
    });
  },
);

it("copies what the tag stood for when it was asked, though it moves at the source meanwhile", async () => {
  const w = world();
  const repository = w.dev.repository("app");
  const first = image(repository, { layers: ["first"], tag: "1" });
  w.dev.fault = ({ verb }) => {
    if (verb !== "fetchBlob" || repository.tags.get("1") !== first.descriptor.digest) return;
    image(repository, { layers: ["second"], tag: "1" });
  };
  const report = await w.promoteOne("prod.test/app:1");
  expect(repository.tags.get("1")).not.toBe(first.descriptor.digest);
  expect(report).toMatchObject({ status: "copied", digest: first.descriptor.digest });
  expect(w.prod.repository("app").tags.get("1")).toBe(first.descriptor.digest);
});
