import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { digestOf } from "../../job/oci/digest.ts";
import { readManifest } from "../../job/oci/manifest.ts";
import { blobBytes } from "../emulator/blob.ts";
import { artifact, bareArtifact, referrer, signature, withAttestations } from "../fixtures/attachments.ts";
import { type ImageFixture, image, index } from "../fixtures/image-fixture.ts";
import { layerArchive } from "../fixtures/layer-archive.ts";
import { multiPlatform } from "../fixtures/platforms.ts";

/** Every digest that a fixture's manifests name must be among what it brings; the order must be a registry's. */
function expectWhole(fixture: ImageFixture): void {
  const blobs = new Map(fixture.blobs.map((blob) => [blob.digest, blob.size]));
  const manifests = new Set<string>();
  for (const manifest of fixture.manifests) {
    const content = readManifest(manifest);
    for (const { digest, size } of content.blobs) expect(blobs.get(digest)).toBe(size);
    for (const { digest } of content.manifests) expect(manifests).toContain(digest);
    expect(manifest.descriptor.digest).toBe(digestOf(manifest.bytes));
    manifests.add(manifest.descriptor.digest);
  }
  expect(fixture.manifests.at(-1)?.descriptor.digest).toBe(fixture.descriptor.digest);
}

const subject = image({ seed: 5 });
const fixtures: readonly (readonly [string, () => ImageFixture])[] = [
  ["an image", () => image({ layers: [10, 0, 3_000] })],
  ["a Docker image", () => image({ family: "docker" })],
  ["thirty platforms", () => multiPlatform({ count: 30 })],
  ["a Docker list", () => multiPlatform({ family: "docker" })],
  ["a nested index", () => index([index([image()]), image({ seed: 2 })])],
  ["an artifact", () => artifact()],
  ["an artifact without config", () => bareArtifact()],
  ["a referrer", () => referrer(subject)],
  ["a signature", () => signature(subject).fixture],
  ["attestations", () => withAttestations([image(), image({ seed: 2 })])],
];

describe("fixtures", () => {
  it.each(fixtures)("%s is whole, and the same each time", (_, build) => {
    expectWhole(build());
    expect(build().descriptor).toEqual(build().descriptor);
  });

  it("differ by seed", () => {
    expect(image({ seed: 1 }).descriptor.digest).not.toBe(image({ seed: 2 }).descriptor.digest);
  });

  it("share what they are told to share", () => {
    const base = [layerArchive(100, 1)];
    const [one, other] = [image({ base, seed: 1 }), image({ base, seed: 2 })];
    const shared = one.blobs.filter(({ digest }) => other.blobs.some((blob) => blob.digest === digest));
    expect(shared.map(({ digest }) => digest)).toEqual([base[0]?.blob.digest]);
  });

  it("have layers that are archives, with the digests that their configs name", () => {
    const { blob, diffId } = layerArchive(700, 3);
    const archive = gunzipSync(blobBytes(blob));
    expect(digestOf(archive)).toBe(diffId);
    expect(archive.subarray(257, 262).toString()).toBe("ustar");
    expect(archive.length % 512).toBe(0);
  });

  it("have attestations that point at their image", () => {
    const platform = { os: "linux", architecture: "arm64" };
    const members = [image({ seed: 1 }), image({ seed: 2, platform })];
    const [root] = withAttestations(members).manifests.slice(-1);
    if (root === undefined) throw new Error("no index");
    const listed = readManifest(root).manifests;
    expect(listed).toHaveLength(4);
    expect(listed[2]?.annotations).toEqual({
      "vnd.docker.reference.digest": members[0]?.descriptor.digest,
      "vnd.docker.reference.type": "attestation-manifest",
    });
  });

  it("have referrers and signatures of their subject", () => {
    const { digest } = subject.descriptor;
    const [manifest] = referrer(subject).manifests;
    expect(manifest && readManifest(manifest).subject?.digest).toBe(digest);
    expect(signature(subject).tag).toBe(`${digest.replace(":", "-")}.sig`);
  });
});
